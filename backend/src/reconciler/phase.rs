//! How far a start is, written for the visitor who waits: at once when the step changes, else four times a second.

use std::time::Duration;

use domain::{Phase, PhaseStep, SessionId};
use provider::Progress;
use store::Store;
use tokio::{sync::mpsc, time::Instant};

/// Reports of the server that come faster are skipped.
const EVERY: Duration = Duration::from_millis(250);

/// Writes the phase of one start; nothing for a container that is nobody's yet.
pub struct PhaseWriter<'a> {
    pub store: &'a Store,
    pub session: Option<SessionId>,
}

impl PhaseWriter<'_> {
    /// A step begins.
    pub async fn step(&self, step: PhaseStep, message: &str) {
        self.write(Phase { step, message: message.to_owned(), percent: None }).await;
    }

    /// Does `work`, and meanwhile writes what the server reports of it.
    pub async fn during<T>(
        &self,
        step: PhaseStep,
        message: &str,
        work: impl AsyncFnOnce(mpsc::Sender<Progress>) -> T,
    ) -> T {
        self.step(step, message).await;
        let (sender, mut reports) = mpsc::channel(8);
        let mut work = std::pin::pin!(work(sender));
        let mut written = Instant::now();
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                Some(report) = reports.recv() => {
                    if written.elapsed() >= EVERY {
                        let message = format!("{message}: {}", report.message);
                        self.write(Phase { step, message, percent: report.percent }).await;
                        written = Instant::now();
                    }
                }
            }
        }
    }

    async fn write(&self, phase: Phase) {
        let Some(id) = self.session else { return };
        if let Err(error) = self.store.set_phase(id, &phase).await {
            tracing::warn!(session = %id, cause = %error, "the phase of a start was not written");
        }
    }
}
