//! Compares what the database wants with what the server has, and moves both one step closer: observe → plan (pure)
//! → apply. It alone makes and deletes containers and ends sessions that nobody asked to end.
//!
//! There are no timers per session and no state that a restart would lose: what is in memory is only what is under
//! way right now.

mod action;
mod apply;
mod breaks;
mod bring_up;
mod looking;
mod orphans;
mod phase;
mod repeats;
mod rules;
mod setbacks;
pub mod settings;
mod turn;
mod wake;
mod world;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{InstanceName, InstanceRef, SessionId, SourceName, UnixMs};
use provider::Provider;
use store::Store;
use terminal::Terminals;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use orphans::{Orphans, refuse_many};
pub use settings::Settings;

use crate::{presence::Presence, server_state::ServerState};
use wake::Wakes;
use world::Observer;

/// How long what is under way may go on once the service stops. A container that takes longer to become ready is
/// brought up by the next start, as after a crash.
const FAREWELL: Duration = Duration::from_secs(10);

/// Why the reconciler gave up: the service must not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// So many containers of ours have no row that the database may be the wrong one.
    #[error(
        "{} containers carry this database's mark but have no row in it ({}): is it an older copy? Start with \
         --adopt to keep them (they lose the mark), or with --purge to delete them", .0.len(), .0.join(", ")
    )]
    Orphans(Vec<String>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What the reconciler works with.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The server that runs the containers.
    pub provider: Arc<dyn Provider>,
    /// All terminals.
    pub terminals: Terminals,
    /// The configuration.
    pub settings: watch::Receiver<Settings>,
    /// Where it says what it knows of the server.
    pub server: watch::Sender<ServerState>,
    /// Who of those who wait was heard of.
    pub presence: Presence,
    /// What to do with containers of ours that have no row, should there be many at the start.
    pub orphans: Orphans,
}

/// The loop's own.
pub struct Reconciler {
    shared: Arc<Shared>,
    observer: Observer,
    tasks: TaskTracker,
    orphans: orphans::Guard,
}

/// What the loop and the tasks that it sets going share.
struct Shared {
    store: Store,
    provider: Arc<dyn Provider>,
    terminals: Terminals,
    settings: watch::Receiver<Settings>,
    presence: Presence,
    /// The containers that a task works on, and what tells it to give up.
    busy: Mutex<HashMap<InstanceName, CancellationToken>>,
    /// The sessions that containers are signed with at the server, as far as that is known.
    signed: Mutex<HashMap<InstanceName, SessionId>>,
    turns: turn::Turns,
    setbacks: setbacks::Setbacks,
    breaks: breaks::Breaks,
    done: tokio::sync::Notify,
}

impl Reconciler {
    /// A reconciler that serves from now on.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, provider, terminals, settings, server, presence, orphans } = parts;
        let shared = Arc::new(Shared {
            store,
            provider,
            terminals,
            settings,
            presence,
            busy: Mutex::default(),
            signed: Mutex::default(),
            turns: turn::Turns::default(),
            setbacks: setbacks::Setbacks::default(),
            breaks: breaks::Breaks::default(),
            done: tokio::sync::Notify::new(),
        });
        let observer = Observer::new(UnixMs::now(), server);
        Self { shared, observer, tasks: TaskTracker::new(), orphans: orphans::Guard::new(orphans) }
    }

    /// Runs until `stop`, then waits a while for what is under way. Fails when the service must not go on.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), Error> {
        let mut wakes = Wakes::new(&self.shared, &self.tasks, &stop);
        let mut repeats = repeats::Repeats::default();
        while let Some(wake) = wakes.next().await {
            if wake.look_at_the_server {
                self.observer.look();
            }
            match self.step().await {
                // A database that is busy or full now may not be so in a second.
                Err(Error::Store(error)) => {
                    let cause = error.to_string();
                    if let Some(times) = repeats.failed(&cause, UnixMs::now()) {
                        tracing::error!(cause, times, "the reconciler could not go on")
                    }
                }
                other => {
                    other?;
                    if repeats.succeeded() {
                        tracing::info!("the reconciler goes on");
                    }
                }
            }
        }
        self.tasks.close();
        if tokio::time::timeout(FAREWELL, self.tasks.wait()).await.is_err() {
            tracing::info!("what is still under way is left to the next start");
        }
        Ok(())
    }

    /// One comparison, and what follows from it.
    async fn step(&mut self) -> Result<(), Error> {
        let world = self.observer.observe(&self.shared).await?;
        self.orphans.check(&self.shared, &world).await?;
        // What has to be written tells so, too, but nothing may have to be for long.
        let mut failed = self.shared.store.check_place().err().map(Error::Store);
        for action in rules::plan(&world) {
            // What cannot be written keeps nothing else from being done: a deletion may be what makes room again.
            if let Err(error) = apply::apply(&self.shared, &self.tasks, action).await {
                failed.get_or_insert(error);
            }
        }
        // Whoever asks for a container is let in only now: none of those that a look at the server forbids is left.
        self.observer.publish();
        failed.map_or(Ok(()), Err)
    }
}

impl Shared {
    /// The containers that a task works on.
    fn busy(&self) -> MutexGuard<'_, HashMap<InstanceName, CancellationToken>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sessions that containers are signed with.
    fn signed(&self) -> MutexGuard<'_, HashMap<InstanceName, SessionId>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a container for a task; none while another has it.
    fn take(self: &Arc<Self>, name: &InstanceName) -> Option<Busy> {
        let mut busy = self.busy();
        let Entry::Vacant(free) = busy.entry(name.clone()) else { return None };
        let unwanted = free.insert(CancellationToken::new()).clone();
        Some(Busy { shared: self.clone(), name: name.clone(), unwanted })
    }
}

impl Shared {
    /// A container of the pool could not be made or kept: its source rests. Said once for each cause.
    fn pool_failed(&self, at: &InstanceRef, source: &SourceName, cause: &str) {
        let cause = cause.replace(at.name.as_str(), "the container");
        if self.setbacks.failed(source, &cause, UnixMs::now()) {
            tracing::warn!(%source, instance = %at, cause, "the pool cannot be filled: it is tried again with growing pauses");
        } else {
            tracing::debug!(%source, instance = %at, cause, "the pool still cannot be filled");
        }
    }
}

/// A container that a task works on; given back when the task ends, in whatever way.
struct Busy {
    shared: Arc<Shared>,
    name: InstanceName,
    /// Cancelled when the container is to be deleted: what only prepares it can be left off at once.
    unwanted: CancellationToken,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.shared.busy().remove(&self.name);
        self.shared.done.notify_one();
    }
}
