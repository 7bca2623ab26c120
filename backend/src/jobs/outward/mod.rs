//! What containers may reach: names are resolved at an interval and on a change of the configuration, sessions are linked
//! as soon as somebody asks, and the server is told what comes out. Between two looks nothing else is to change it; what
//! somebody changed by hand is put back.

mod known;
mod links;
mod names;
mod settings;

use std::{
    collections::BTreeSet,
    io,
    net::IpAddr,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use provider::{Outward, Provider};
use store::Store;
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::links::Links;
use domain::SessionId;
use known::Known;
pub use links::Linked;
pub use names::{Names, System};
pub use settings::{Allowed, Destination, Settings};

/// How soon it is tried again after the server did not do it.
const RETRY: Duration = Duration::from_secs(10);

/// How soon a linked container is asked again for addresses that it has not got yet.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// For how long after a link was made: on a network without one of the families they never come.
const SETTLES: Duration = Duration::from_secs(15);

/// The loop's state.
pub struct Job {
    parts: Parts,
    known: Known,
    /// Names without an address, as they were told last.
    unknown: BTreeSet<String>,
    /// The links that the server was told of last.
    linked: Linked,
    linked_at: Instant,
    /// Why the server did not do it, as it was told last.
    wrong: Option<String>,
}

/// What the loop works with.
pub struct Parts {
    /// The server that runs the containers.
    pub provider: Arc<dyn Provider>,
    /// The database, which has the links.
    pub store: Store,
    /// Whoever knows the addresses of names.
    pub names: Arc<dyn Names>,
    /// The configuration.
    pub settings: watch::Receiver<Settings>,
    /// Where it says which links are in force.
    pub links: watch::Sender<Links>,
}

impl Job {
    /// A loop that has done nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            known: Known::default(),
            unknown: BTreeSet::new(),
            linked: Linked::default(),
            linked_at: Instant::now(),
            wrong: None,
        }
    }

    /// Goes on until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut settings = self.parts.settings.clone();
        let mut sessions = self.parts.store.changes();
        loop {
            settings.mark_unchanged();
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = settings.changed() => {}
                () = self.round(&mut sessions) => {}
            }
        }
    }

    /// From one look at the names to the time of the next. Links wait for no names but the first ones, without which
    /// the rules of those would go.
    async fn round(&mut self, sessions: &mut Receiver<SessionId>) {
        let settings = self.parts.settings.borrow().clone();
        let names = self.parts.names.clone();
        let mut answers = pin!(ask(&*names, &settings));
        let (mut pause, mut is_answered) = (Duration::ZERO, false);
        let mut next = pin!(sleep(pause));
        loop {
            tokio::select! {
                found = &mut answers, if !is_answered => {
                    self.take_in(&settings, found);
                    is_answered = true;
                    pause = self.write().await;
                    next.set(sleep(pause));
                }
                () = &mut next, if is_answered => return,
                () = self.linked_anew(sessions), if is_answered || !self.known.is_empty() => {
                    let again = self.write().await;
                    if again < pause {
                        next.set(sleep(again));
                    }
                }
            }
        }
    }

    /// Resolves the names and tells the server; how long until the next time.
    #[cfg(test)]
    async fn step(&mut self) -> Duration {
        let settings = self.parts.settings.borrow().clone();
        let found = ask(&*self.parts.names, &settings).await;
        self.take_in(&settings, found);
        self.write().await
    }

    /// Waits until the server is to be told of other links, or of addresses that were missing. Cancel-safe.
    async fn linked_anew(&self, sessions: &mut Receiver<SessionId>) {
        loop {
            let settles = self.linked.is_incomplete() && self.linked_at.elapsed() < SETTLES;
            tokio::select! {
                changed = sessions.recv() => match changed {
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return std::future::pending().await,
                },
                () = sleep(ASK_AGAIN), if settles => return,
            }
            if self.links().await.is_ok_and(|links| links != self.linked.links()) {
                return;
            }
        }
    }

    /// The links that there are to be.
    async fn links(&self) -> Result<Vec<[store::LinkEnd; 2]>, store::Error> {
        let is_off = self.parts.settings.borrow().link.is_empty();
        if is_off { Ok(Vec::new()) } else { self.parts.store.live_links().await }
    }

    /// Tells the server; how long until the next time.
    async fn write(&mut self) -> Duration {
        let every = self.parts.settings.borrow().every;
        let wrong = self.tell().await.err();
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
        if self.wrong.is_some() { RETRY.min(every) } else { every }
    }

    async fn tell(&mut self) -> Result<(), String> {
        let links = self.links().await.map_err(|error| error.to_string())?;
        if links != self.linked.links() {
            self.linked_at = Instant::now();
        }
        let linked = Linked::ask(&*self.parts.provider, links).await;
        let outward = self.outward(&self.parts.settings.borrow(), &linked);
        self.parts.provider.let_out(&outward).await.map_err(|error| error.to_string())?;
        let now = linked.peers();
        self.linked = linked;
        let before = self.parts.links.send_replace(now.clone());
        for session in links::differing(&before, &now) {
            self.parts.store.announce(session);
        }
        Ok(())
    }

    fn take_in(&mut self, settings: &Settings, answers: Vec<Answer>) {
        self.known.keep(&settings.names());
        let mut unknown = BTreeSet::new();
        for Answer { name, addresses } in answers {
            match addresses {
                Ok(addresses) if !addresses.is_empty() => {
                    self.known.found(&name, &addresses, Instant::now());
                    continue;
                }
                Ok(_) if self.unknown.contains(&name) => {}
                Ok(_) => tracing::warn!(name, "a name in network.allow has no address"),
                Err(_) if self.unknown.contains(&name) => {}
                Err(error) => {
                    tracing::warn!(name, %error, "a name in network.allow cannot be resolved");
                }
            }
            unknown.insert(name);
        }
        self.unknown = unknown;
    }

    /// What is known now, in the server's terms.
    fn outward(&self, settings: &Settings, linked: &Linked) -> Outward {
        let resolved = |name: &str| self.known.addresses(name).map(Into::into).collect();
        let hosts = settings.names().into_iter().filter_map(|name| self.known.host(name)).collect();
        Outward { hosts, pairs: linked.pairs(&settings.link), ..settings.outward(resolved) }
    }
}

/// What became of one question.
struct Answer {
    name: String,
    addresses: io::Result<Vec<IpAddr>>,
}

/// Asks for all names at once.
async fn ask(names: &dyn Names, settings: &Settings) -> Vec<Answer> {
    let wanted = settings.names();
    let ask =
        |name: String| async move { Answer { addresses: names.addresses(&name).await, name } };
    join_all(wanted.into_iter().map(|name| ask(name.to_owned()))).await
}

#[cfg(test)]
mod tests;
