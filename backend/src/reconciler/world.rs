//! What is: the database's rows, the server's containers, who is attached; gathered for the rules.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{
    InstanceName, InstanceState, ServerId, SessionId, SessionState, SourceName, TerminalNumber,
    UnixMs,
};
use provider::Generation;
use store::{Instance, Session};
use terminal::{Activity, TerminalState, Terminals};
use tokio::sync::watch;

use super::{
    Error, Settings, Shared,
    looking::{self, Answer, Listing, Looking},
    setbacks::Setback,
};
use crate::server_state::{Reach, ServerState};

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
    /// Whether the operator has closed the service: nobody new is let in.
    pub maintenance: bool,
    /// The database's mark.
    pub mark: ServerId,
    /// Live sessions.
    pub sessions: Vec<Session>,
    /// All container rows.
    pub instances: Vec<Instance>,
    /// What the server has, if a look at it has just ended.
    pub listing: Option<Listing>,
    /// How each running session's terminals are used.
    pub activity: HashMap<SessionId, Activity>,
    /// When those who wait were heard of last, where that is later than their rows say.
    pub heard_of: HashMap<SessionId, UnixMs>,
    /// Of each source that can be used: what a container made now would be.
    pub generations: HashMap<SourceName, String>,
    /// Containers that wait and have their first terminal open.
    pub open: HashSet<InstanceName>,
    /// How often a first terminal was opened anew within the last minute.
    pub reopened: HashMap<InstanceName, usize>,
    /// Sources whose containers could not be made or kept lately.
    pub setbacks: HashMap<SourceName, Setback>,
    /// When the first turn of each container that is being made came; none for those that still wait for it.
    pub begun: HashMap<InstanceName, UnixMs>,
    /// The sessions that containers are signed with at the server, as far as that is known.
    pub signed: HashMap<InstanceName, SessionId>,
    /// Containers that a task works on.
    pub busy: HashSet<InstanceName>,
    /// The configuration.
    pub settings: Settings,
}

/// Gathers what is.
pub struct Observer {
    served_since: UnixMs,
    back_since: Option<UnixMs>,
    looking: Looking,
    /// Of each source whose image is fetched: what a container was made of before it was.
    unfetched: HashMap<SourceName, String>,
    /// Why sources cannot be used.
    unusable: HashMap<SourceName, String>,
    server: watch::Sender<ServerState>,
    /// What is known of the server and not told yet.
    untold: Option<ServerState>,
}

impl Observer {
    pub fn new(served_since: UnixMs, server: watch::Sender<ServerState>) -> Self {
        let (looking, unusable) = (Looking::default(), HashMap::new());
        let unfetched = HashMap::new();
        Self { served_since, back_since: None, looking, unfetched, unusable, server, untold: None }
    }

    /// Something points to a change at the server: the next observation asks it.
    pub fn look(&mut self) {
        self.looking.again();
    }

    pub async fn observe(&mut self, shared: &Arc<Shared>) -> Result<World, Error> {
        let settings = shared.settings.borrow().clone();
        // The list first, so that a row that is read afterwards and is older was there when it was made.
        let answer = self.looking.answer();
        let listing = answer.and_then(|answer| self.taken_in(shared, answer));
        if let Some(why) = shared.breaks.now(UnixMs::now()) {
            self.lost(shared, &provider::Error::Unreachable(why));
        }
        let known = self.known();
        let reachable = known.reach == Reach::Reachable;
        self.looking.begin_if_due(shared, &settings, reachable).await?;
        let sessions = shared.store.live_sessions().await?;
        let mut instances = shared.store.instances().await?;
        let signed = signed(shared, listing.as_ref(), &instances);
        for row in fetched(&mut instances, &known.generations, &self.unfetched) {
            shared.store.set_generation(&row.at.name, &row.generation).await?;
        }
        let maintenance = shared.store.maintenance().await?.on;
        let activity = sessions
            .iter()
            .filter_map(|session| {
                Some((session.id, shared.terminals.activity(session.instance.as_ref()?)))
            })
            .collect();
        let waiting = sessions.iter().filter(|session| session.state == SessionState::Queued);
        let heard_of = shared.presence.of(waiting.map(|session| session.id));
        let busy = shared.busy().keys().cloned().collect();
        let now = UnixMs::now();
        let (setbacks, reopened) = shared.setbacks.now(now);
        let open = instances
            .iter()
            .filter(|row| row.state == InstanceState::Warm && is_open(&shared.terminals, row))
            .map(|row| row.at.name.clone())
            .collect();
        let begun = shared.turns.begun(
            instances
                .iter()
                .filter(|row| row.state == InstanceState::Creating)
                .map(|row| &row.at.name),
        );
        Ok(World {
            now,
            served_since: self.served_since,
            reachable,
            back_since: self.back_since,
            maintenance,
            mark: shared.store.server_id(),
            sessions,
            instances,
            listing,
            activity,
            heard_of,
            generations: known.generations,
            open,
            reopened,
            setbacks,
            begun,
            signed,
            busy,
            settings,
        })
    }

    /// Tells everybody what is known of the server, once what follows from it is done.
    pub fn publish(&mut self) {
        let Some(state) = self.untold.take() else { return };
        self.server.send_if_modified(|current| std::mem::replace(current, state.clone()) != state);
    }

    fn known(&self) -> ServerState {
        self.untold.clone().unwrap_or_else(|| self.server.borrow().clone())
    }

    /// Takes in what the last look has brought; an error is an outage, and no list.
    fn taken_in(
        &mut self,
        shared: &Shared,
        answer: Result<Answer, provider::Error>,
    ) -> Option<Listing> {
        match answer {
            // The list is as good as any; whether the server works is another question.
            Ok(Answer { listing, generations }) => {
                if shared.breaks.now(UnixMs::now()).is_none() {
                    self.reached(generations);
                }
                Some(listing)
            }
            Err(error) => {
                self.lost(shared, &error);
                None
            }
        }
    }

    fn reached(&mut self, generations: Vec<(SourceName, Result<Generation, provider::Error>)>) {
        let told = generations.iter().filter_map(|(source, generation)| {
            Some((source.clone(), generation.as_ref().ok()?.unfetched.clone()?))
        });
        // Only of what is configured now: a name may have stood for another image before.
        self.unfetched = told.collect();
        let before = self.known();
        if let Reach::Unreachable(_) = before.reach {
            tracing::info!("the container server answers again");
            self.back_since = Some(UnixMs::now());
        }
        let is_full = |error: &&provider::Error| matches!(error, provider::Error::Exhausted(_));
        let full = generations
            .iter()
            .filter(|(_, made_of)| made_of.as_ref().err().filter(is_full).is_some());
        let full = full.map(|(source, _)| source.clone()).collect();
        let generations = looking::known(generations, &before.generations, &mut self.unusable);
        self.untold = Some(ServerState { reach: Reach::Reachable, generations, full });
    }

    /// An outage is told at once.
    fn lost(&mut self, shared: &Shared, error: &provider::Error) {
        self.publish();
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

/// The sessions that containers are signed with; a list tells of those that another process signed.
fn signed(
    shared: &Shared,
    listing: Option<&Listing>,
    rows: &[Instance],
) -> HashMap<InstanceName, SessionId> {
    let mut signed = shared.signed();
    if let Some(listing) = listing {
        // One that is younger than the list may have the name of one that is gone.
        let own = rows.iter().filter(|row| row.created_at < listing.began_at);
        signed.extend(own.filter_map(|row| {
            let seen = listing.instances.iter().find(|seen| seen.instance == row.at)?;
            Some((row.at.name.clone(), seen.session?))
        }));
    }
    signed.retain(|name, _| rows.iter().any(|row| row.at.name == *name));
    signed.clone()
}

/// The containers that were made before their image was known, and by that fetched it: what they are made of is known now.
fn fetched<'a>(
    instances: &'a mut [Instance],
    known: &HashMap<SourceName, String>,
    unfetched: &HashMap<SourceName, String>,
) -> Vec<&'a Instance> {
    let own = instances.iter_mut().filter(|row| row.session.is_none());
    own.filter_map(|row| {
        let now = known.get(&row.source)?;
        let is_it = unfetched.get(&row.source) == Some(&row.generation) && *now != row.generation;
        is_it.then(|| {
            row.generation.clone_from(now);
            &*row
        })
    })
    .collect()
}

/// Whether the first terminal of a container is open.
fn is_open(terminals: &Terminals, row: &Instance) -> bool {
    terminals
        .statuses(&row.at)
        .iter()
        .any(|status| status.number == TerminalNumber::FIRST && status.state == TerminalState::Open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconciler::rules::testing::{claimed, running};

    #[test]
    fn what_fetched_an_image_is_made_of_it() {
        let session = running(UnixMs(1_000_000));
        let own = claimed(&session);
        let pools = |generation: &str| Instance {
            session: None,
            state: InstanceState::Warm,
            generation: generation.to_owned(),
            ..own.clone()
        };
        let name = own.source.clone();
        let is = |generation: &str| HashMap::from([(name.clone(), generation.to_owned())]);
        let mut rows = [pools("unfetched"), pools("fetched"), pools("other"), own.clone()];
        rows[3].generation = "unfetched".to_owned();
        assert!(fetched(&mut rows, &is("unfetched"), &is("unfetched")).is_empty());
        assert!(fetched(&mut rows, &is("fetched"), &HashMap::new()).is_empty());
        assert_eq!(fetched(&mut rows, &is("fetched"), &is("unfetched")), [&pools("fetched")]);
        let now: Vec<_> = rows.iter().map(|row| row.generation.as_str()).collect();
        assert_eq!(now, ["fetched", "fetched", "other", "unfetched"]);
    }
}
