//! What is: the database's rows, the server's containers, who is attached; gathered for the rules.

use std::{
    collections::{HashMap, HashSet},
    sync::PoisonError,
    time::Duration,
};

use domain::{InstanceName, Project, ServerId, SessionId, UnixMs};
use provider::Observed;
use store::{Instance, Session};
use terminal::Activity;
use tokio::sync::watch;

use super::{Error, Settings, Shared};
use crate::server_state::{Reach, ServerState};

/// How old a list may be before the server is asked again, even if nothing points to a change.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The same while the server does not answer.
const KNOCK_EVERY: Duration = Duration::from_secs(2);

/// What is, as of one moment.
#[derive(Debug)]
pub struct World {
    /// The moment.
    pub now: UnixMs,
    /// When this process began to serve.
    pub served_since: UnixMs,
    /// Whether the server answered when it was last asked.
    pub reachable: bool,
    /// When it answered again after an outage.
    pub back_since: Option<UnixMs>,
    /// The database's mark.
    pub mark: ServerId,
    /// Live sessions.
    pub sessions: Vec<Session>,
    /// All container rows.
    pub instances: Vec<Instance>,
    /// What the server has, if it was asked for this look.
    pub listing: Option<Listing>,
    /// How each running session's terminals are used.
    pub activity: HashMap<SessionId, Activity>,
    /// Containers that a task works on.
    pub busy: HashSet<InstanceName>,
    /// The configuration.
    pub settings: Settings,
}

/// A complete list of the server's containers.
#[derive(Debug)]
pub struct Listing {
    /// When it was asked for: it says nothing about rows that changed since.
    pub began_at: UnixMs,
    /// Every container that carries some tryit's mark.
    pub instances: Vec<Observed>,
}

/// Gathers what is.
pub struct Observer {
    served_since: UnixMs,
    back_since: Option<UnixMs>,
    asked_at: Option<UnixMs>,
    server: watch::Sender<ServerState>,
}

impl Observer {
    pub fn new(served_since: UnixMs, server: watch::Sender<ServerState>) -> Self {
        Self { served_since, back_since: None, asked_at: None, server }
    }

    /// Something points to a change at the server: the next observation asks it.
    pub fn look(&mut self) {
        self.asked_at = None;
    }

    pub async fn observe(&mut self, shared: &Shared) -> Result<World, Error> {
        let settings = shared.settings.borrow().clone();
        // The list first, so that a row that is read afterwards and is older was there when it was made.
        let listing = if self.is_due() { self.list(shared, &settings).await? } else { None };
        let sessions = shared.store.live_sessions().await?;
        let instances = shared.store.instances().await?;
        let activity = sessions
            .iter()
            .filter_map(|session| {
                Some((session.id, shared.terminals.activity(session.instance.as_ref()?)))
            })
            .collect();
        let busy = shared.busy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(World {
            now: UnixMs::now(),
            served_since: self.served_since,
            reachable: self.server.borrow().reach == Reach::Reachable,
            back_since: self.back_since,
            mark: shared.store.server_id(),
            sessions,
            instances,
            listing,
            activity,
            busy,
            settings,
        })
    }

    fn is_due(&self) -> bool {
        let every =
            if self.server.borrow().reach == Reach::Reachable { LOOK_EVERY } else { KNOCK_EVERY };
        self.asked_at.is_none_or(|at| at.plus(every) <= UnixMs::now())
    }

    /// Asks the server; an error is an outage, and no list.
    async fn list(
        &mut self,
        shared: &Shared,
        settings: &Settings,
    ) -> Result<Option<Listing>, Error> {
        let began_at = UnixMs::now();
        self.asked_at = Some(began_at);
        let mut projects: HashSet<Project> = settings.projects.iter().cloned().collect();
        projects.extend(shared.store.projects_in_use().await?);
        let projects: Vec<_> = projects.into_iter().collect();
        match shared.provider.list(&projects).await {
            Ok(instances) => {
                self.reached(shared, settings).await;
                Ok(Some(Listing { began_at, instances }))
            }
            Err(error) => {
                self.lost(shared, &error);
                Ok(None)
            }
        }
    }

    async fn reached(&mut self, shared: &Shared, settings: &Settings) {
        let was = self.server.borrow().reach.clone();
        if let Reach::Unreachable(_) = was {
            tracing::info!("the container server answers again");
            self.back_since = Some(UnixMs::now());
        }
        let mut generations = HashMap::new();
        for source in &settings.sources {
            match shared.provider.generation(&source.source).await {
                Ok(generation) => {
                    generations.insert(source.source.name.clone(), generation);
                }
                Err(error) => {
                    tracing::warn!(source = %source.source.name, cause = %error, "a source cannot be used now");
                }
            }
        }
        let state = ServerState { reach: Reach::Reachable, generations };
        self.server.send_if_modified(|current| std::mem::replace(current, state.clone()) != state);
    }

    fn lost(&self, shared: &Shared, error: &provider::Error) {
        let newly = self.server.send_if_modified(|current| {
            let newly = !matches!(current.reach, Reach::Unreachable(_));
            current.reach = Reach::Unreachable(error.to_string());
            newly
        });
        if newly {
            tracing::error!(cause = %error, "the container server cannot be reached: sessions are kept");
            shared.terminals.notify_all(terminal::Notice::LxdUnavailable);
        }
    }
}
