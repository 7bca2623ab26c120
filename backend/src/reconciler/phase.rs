//! How far a start is, written for the visitor who waits: at once when the step changes, else a few times a second.

use std::time::Duration;

use domain::{InstanceName, InstanceState, Phase, PhaseStep, SessionId};
use provider::Progress;
use store::{Instance, Store};
use tokio::{
    sync::{broadcast, mpsc},
    time::Instant,
};

use super::turn::{Turn, Waiting};

/// Reports of the server that come faster are skipped.
const EVERY: Duration = Duration::from_millis(250);
/// The same of places in the order, which all change at once.
const EVERY_PLACE: Duration = Duration::from_secs(1);

/// Writes the phase of one start. A container that is nobody's yet may become somebody's at any moment, who is then told
/// how far it is.
pub struct PhaseWriter<'a> {
    store: &'a Store,
    name: &'a InstanceName,
    session: Option<SessionId>,
    changes: broadcast::Receiver<SessionId>,
    /// Whether something changed since it was last asked whose the container is.
    changed: bool,
}

impl<'a> PhaseWriter<'a> {
    pub fn new(store: &'a Store, row: &'a Instance) -> Self {
        let changes = store.changes();
        // It may have become somebody's since the row was read.
        Self { store, name: &row.at.name, session: row.session, changes, changed: true }
    }

    /// A step begins.
    pub async fn step(&self, step: PhaseStep, message: &str) {
        self.write(Phase { step, message: message.to_owned(), percent: None }).await;
    }

    /// Does `work`, and meanwhile writes what the server reports of it.
    pub async fn during<T>(
        &mut self,
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
                () = self.adopted() => self.step(step, message).await,
            }
        }
    }

    /// Waits for the container's turn, and meanwhile writes how many are made before it. None when it is not wanted any
    /// more.
    pub async fn until_turn<'t>(
        &mut self,
        mut waiting: Waiting<'t>,
    ) -> Result<Option<Turn<'t>>, store::Error> {
        let mut written: Option<Instant> = None;
        loop {
            let before = match waiting.ask() {
                Ok(turn) => return Ok(Some(turn)),
                Err(before) => before,
            };
            if written.is_none_or(|at| at.elapsed() >= EVERY_PLACE) {
                let row = self.store.instance(self.name).await?;
                if row.is_none_or(|row| row.state != InstanceState::Creating) {
                    return Ok(None);
                }
                self.step(PhaseStep::Creating, &place(before)).await;
                written = Some(Instant::now());
            }
            tokio::select! {
                () = waiting.changed() => {}
                () = self.adopted() => {
                    waiting.promote();
                    written = None;
                }
            }
        }
    }

    /// Waits until the container becomes somebody's; for ever when it is. Cancel-safe.
    async fn adopted(&mut self) {
        while self.session.is_none() {
            if !self.changed {
                match self.changes.recv().await {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.changed = true,
                    Err(broadcast::error::RecvError::Closed) => break,
                }
            }
            match self.store.instance(self.name).await {
                Ok(row) => self.session = row.and_then(|row| row.session),
                Err(error) => {
                    tracing::warn!(instance = %self.name, cause = %error, "whose a container is cannot be read");
                }
            }
            self.changed = false;
            if self.session.is_some() {
                return;
            }
        }
        std::future::pending().await
    }

    async fn write(&self, phase: Phase) {
        let Some(id) = self.session else { return };
        if let Err(error) = self.store.set_phase(id, &phase).await {
            tracing::warn!(session = %id, cause = %error, "the phase of a start was not written");
        }
    }
}

/// What who waits is told.
fn place(before: usize) -> String {
    match before {
        1 => "Waiting: one container is being made before yours".to_owned(),
        count => format!("Waiting: {count} containers are being made before yours"),
    }
}
