//! The session view each time it changes.

use std::{sync::Arc, time::Duration};

use domain::{InstanceRef, SessionId, SessionState, UnixMs};
use shared::session::SessionView;
use store::Session;
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::{Instant, sleep, timeout},
};

use super::{
    Result, Services, Visitor,
    queue::{Queue, Standing},
};

/// Changes that come within this time of one another are told as one.
const GATHER: Duration = Duration::from_millis(50);

/// Whoever listens is there, and that is written down so often.
const SEEN_EVERY: Duration = Duration::from_secs(10);

/// How often something is said when there is nothing to say, well before a proxy (often after 15 s) cuts a silent
/// connection. Only what cannot be sent any more tells that the browser has gone.
const BEAT: Duration = Duration::from_secs(5);
/// The same while the visitor waits in the queue: who has gone is not to keep a place.
const BEAT_IN_QUEUE: Duration = Duration::from_secs(1);

/// What is to be said to who listens.
#[derive(Debug)]
pub enum Update {
    /// The session is like this now.
    View(Box<SessionView>),
    /// Nothing new; that it is said shows whether somebody listens.
    Nothing,
}

/// A source of session views: the first at once, then one for each change, none after the one that has ended.
pub struct Updates {
    services: Services,
    id: SessionId,
    sessions: Receiver<SessionId>,
    terminals: Receiver<InstanceRef>,
    queue: watch::Receiver<Arc<Queue>>,
    /// The session as it was last read; none when it has changed since.
    session: Option<Session>,
    standing: Option<Standing>,
    seen_next: Instant,
    told: Told,
}

/// What the visitor knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Not all there is to know.
    Stale,
    /// What there is to know now.
    Current,
    /// That the session has ended.
    All,
}

impl Services {
    /// Follows a session.
    pub async fn updates(&self, visitor: &Visitor) -> Result<Updates> {
        Ok(Updates {
            services: self.clone(),
            id: visitor.id(),
            sessions: self.0.store.changes(),
            terminals: self.0.terminals.changes(),
            queue: self.0.queue.follow(),
            session: None,
            standing: None,
            seen_next: Instant::now(),
            told: Told::Stale,
        })
    }
}

impl Updates {
    /// What is to be said next; none after the last view.
    pub async fn next(&mut self) -> Option<Update> {
        match self.told {
            Told::All => return None,
            Told::Current => {
                match timeout(self.beat(), self.changed()).await {
                    Ok(changed) => changed?,
                    Err(_) => {
                        self.seen().await;
                        return Some(Update::Nothing);
                    }
                }
                self.told = Told::Stale;
                sleep(GATHER).await;
            }
            Told::Stale => {}
        }
        self.seen().await;
        let services = self.services.clone();
        let session = match self.session.take() {
            Some(session) => session,
            None => services.0.store.session(self.id).await.ok()??,
        };
        self.standing = services.standing(&session).await;
        let view = services.view_at(&session, self.standing);
        let has_ended = session.state == SessionState::Ended;
        self.told = if has_ended { Told::All } else { Told::Current };
        self.session = Some(session);
        Some(Update::View(Box::new(view)))
    }

    fn waits(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.state == SessionState::Queued)
    }

    fn beat(&self) -> Duration {
        if self.waits() { BEAT_IN_QUEUE } else { BEAT }
    }

    /// Waits until the session, one of its terminals, or its place in the queue has changed; none when the service is
    /// stopping. Cancel-safe.
    async fn changed(&mut self) -> Option<()> {
        let stopping = self.services.0.stopping.clone();
        loop {
            let session = self.session.as_ref();
            let instance = session.and_then(|session| session.instance.as_ref());
            let waits = self.waits();
            tokio::select! {
                () = stopping.cancelled() => return None,
                changed = self.sessions.recv() => match changed {
                    Ok(id) if id != self.id => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        self.session = None;
                        return Some(());
                    }
                    Err(RecvError::Closed) => return None,
                },
                changed = self.terminals.recv() => match changed {
                    Ok(changed) if Some(&changed) != instance => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return Some(()),
                    Err(RecvError::Closed) => return None,
                },
                changed = self.queue.changed(), if waits => {
                    changed.ok()?;
                    if self.has_moved() {
                        return Some(());
                    }
                }
            }
        }
    }

    /// Whether the visitor's place in the queue, or the estimate, is another than was told. Who is not in the queue any
    /// more hears so by the session's own change.
    fn has_moved(&mut self) -> bool {
        let new = self.queue.borrow_and_update().standing(self.id);
        match (self.standing, new) {
            (Some(told), Some(new)) => told.differs(&new, UnixMs::now()),
            (None, new) => new.is_some(),
            (Some(_), None) => false,
        }
    }

    /// Notes that the visitor is there, and writes it down if it is time to. A database that cannot be written ends no stream.
    async fn seen(&mut self) {
        if self.waits() {
            self.services.0.presence.heard_of(self.id, UnixMs::now());
        }
        if self.seen_next > Instant::now() {
            return;
        }
        if let Err(error) = self.services.0.store.touch_seen(self.id, UnixMs::now()).await {
            tracing::warn!(session = %self.id, cause = %error, "a visitor's presence was not noted");
        }
        self.seen_next = Instant::now() + SEEN_EVERY;
    }
}
