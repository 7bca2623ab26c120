//! What containers may reach: names are resolved at an interval and on a change of the configuration, and the server is
//! told what comes out. Between two looks nothing else is to change it; what somebody changed by hand is put back.

mod known;
mod names;
mod settings;

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use provider::{Outward, Provider};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use known::Known;
pub use names::{Names, System};
pub use settings::{Allowed, Destination, Settings};

/// How soon it is tried again after the server did not do it.
const RETRY: Duration = Duration::from_secs(10);

/// The loop's state.
pub struct Job {
    provider: Arc<dyn Provider>,
    names: Box<dyn Names>,
    settings: watch::Receiver<Settings>,
    known: Known,
    /// Names without an address, as they were told last.
    unknown: BTreeSet<String>,
    /// Why the server did not do it, as it was told last.
    wrong: Option<String>,
}

impl Job {
    /// A loop that has done nothing yet.
    pub fn new(
        provider: Arc<dyn Provider>,
        names: Box<dyn Names>,
        settings: watch::Receiver<Settings>,
    ) -> Self {
        let (known, unknown) = (Known::default(), BTreeSet::new());
        Self { provider, names, settings, known, unknown, wrong: None }
    }

    /// Goes on until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut settings = self.settings.clone();
        loop {
            settings.mark_unchanged();
            let pause = tokio::select! {
                () = stop.cancelled() => return,
                pause = self.step() => pause,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = settings.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Resolves the names and tells the server; how long until the next time.
    pub async fn step(&mut self) -> Duration {
        let settings = self.settings.borrow().clone();
        self.look_up(&settings).await;
        let outward = self.outward(&settings);
        let wrong = self.provider.let_out(&outward).await.err().map(|error| error.to_string());
        match &wrong {
            Some(error) if wrong != self.wrong => {
                tracing::error!(error, "what containers may reach cannot be put in force");
            }
            None if self.wrong.is_some() => {
                tracing::info!("what containers may reach is in force");
            }
            _ => {}
        }
        self.wrong = wrong;
        if self.wrong.is_some() { RETRY.min(settings.every) } else { settings.every }
    }

    async fn look_up(&mut self, settings: &Settings) {
        let wanted = settings.names();
        self.known.keep(&wanted);
        let answers =
            join_all(wanted.iter().map(|name| async { (*name, self.names.addresses(name).await) }));
        let mut unknown = BTreeSet::new();
        for (name, answer) in answers.await {
            match answer {
                Ok(addresses) if !addresses.is_empty() => {
                    self.known.found(name, &addresses, Instant::now());
                    continue;
                }
                Ok(_) if self.unknown.contains(name) => {}
                Ok(_) => tracing::warn!(name, "a name in network.allow has no address"),
                Err(_) if self.unknown.contains(name) => {}
                Err(error) => {
                    tracing::warn!(name, %error, "a name in network.allow cannot be resolved");
                }
            }
            unknown.insert(name.to_owned());
        }
        self.unknown = unknown;
    }

    /// What is known now, in the server's terms.
    fn outward(&self, settings: &Settings) -> Outward {
        let resolved = |name: &str| self.known.addresses(name).map(Into::into).collect();
        let hosts = settings.names().into_iter().filter_map(|name| self.known.host(name)).collect();
        Outward { hosts, ..settings.outward(resolved) }
    }
}

#[cfg(test)]
mod tests;
