//! The session view each time it changes.

use std::time::Duration;

use domain::{InstanceRef, SessionId, SessionState};
use shared::session::SessionView;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{Result, Services, Visitor};

/// Changes that come within this time of one another are told as one.
const GATHER: Duration = Duration::from_millis(50);

/// A source of session views: the first at once, then one for each change, none after the one that has ended.
pub struct Updates {
    services: Services,
    id: SessionId,
    sessions: Receiver<SessionId>,
    terminals: Receiver<InstanceRef>,
    told: Told,
}

enum Told {
    Nothing,
    Of(Option<InstanceRef>),
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
            told: Told::Nothing,
        })
    }
}

impl Updates {
    /// The next view; none after the last. Cancel-safe: a view that was not taken comes again.
    pub async fn next(&mut self) -> Option<SessionView> {
        match &self.told {
            Told::All => return None,
            Told::Nothing => {}
            Told::Of(instance) => {
                let instance = instance.clone();
                self.changed(instance.as_ref()).await?;
                self.told = Told::Nothing;
                tokio::time::sleep(GATHER).await;
            }
        }
        // Whoever listens is there.
        self.services.0.store.touch_seen(self.id, domain::UnixMs::now()).await.ok()?;
        let session = self.services.0.store.session(self.id).await.ok()??;
        let view = self.services.view_of(&session).await.ok()?;
        self.told = match session.state {
            SessionState::Ended => Told::All,
            _ => Told::Of(session.instance),
        };
        Some(view)
    }

    /// Waits until the session, or one of its terminals, has changed; none when the service is stopping.
    async fn changed(&mut self, instance: Option<&InstanceRef>) -> Option<()> {
        loop {
            tokio::select! {
                changed = self.sessions.recv() => match changed {
                    Ok(id) if id != self.id => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return Some(()),
                    Err(RecvError::Closed) => return None,
                },
                changed = self.terminals.recv() => match changed {
                    Ok(changed) if Some(&changed) != instance => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return Some(()),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}
