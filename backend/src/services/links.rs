//! Two sessions of one visitor that reach each other over the network.

use std::time::Duration;

use domain::{SessionState, UnixMs};
use shared::{
    ErrorCode,
    session::{Link, LinkRequest, SessionView},
};
use store::{Linked, Session};
use tokio::time::timeout;

use super::{Error, Result, Services, Visitor, sessions::running};

/// How many others a session may be linked with.
const MAX: u32 = 3;

/// How long a visitor waits for a link to be in force. It stays wanted afterwards.
const PATIENCE: Duration = Duration::from_secs(10);

impl Services {
    /// Links the session with another one, whose token shows that it is the same visitor's; the view once they reach
    /// each other. The second time they do already.
    pub async fn link(&self, visitor: &Visitor, request: LinkRequest) -> Result<SessionView> {
        running(visitor)?;
        if self.0.settings.borrow().link.is_empty() {
            return Err(wrong("Sessions can't be linked here."));
        }
        let LinkRequest { other, other_token } = request;
        // A wrong token for the other one is no reason to doubt this one's.
        let other = self.authenticate(&other, &other_token).await.map_err(|error| match error.code() {
            ErrorCode::Unauthorized => Error::invalid(
                "other_token",
                "This is not the token of the other session. Link sessions that you started in this browser.",
            ),
            _ => error,
        })?;
        let (one, other) = (visitor.id(), other.id());
        match self.0.store.link(one, other, MAX, UnixMs::now()).await? {
            Linked::Done => {}
            Linked::Same => {
                return Err(Error::invalid("other", "A session is not linked with itself."));
            }
            Linked::Ended => {
                return Err(wrong("The other session has ended. Start a new one, then link it."));
            }
            Linked::NotRunning => {
                return Err(wrong("Both sessions have to be running. Try again in a moment."));
            }
            Linked::TooMany => {
                return Err(wrong(
                    "A session is linked with at most three others. End one of them first.",
                ));
            }
        }
        let mut links = self.0.links.clone();
        let is_in_force = links.wait_for(|links| {
            links.get(&one).is_some_and(|peers| peers.iter().any(|peer| peer.session == other))
        });
        if timeout(PATIENCE, is_in_force).await.is_err() {
            return Err(Error::new(
                ErrorCode::Unavailable,
                "The network did not link the sessions in time. They are linked as soon as it can be done; look again in \
                 a moment.",
            ));
        }
        tracing::info!(session = %one, %other, "two sessions were linked");
        self.view_now(visitor).await
    }

    /// The links that are in force.
    pub(super) fn links_of(&self, session: &Session) -> Vec<Link> {
        if session.state != SessionState::Running {
            return Vec::new();
        }
        let ports: Vec<_> = self.0.settings.borrow().link.iter().map(ToString::to_string).collect();
        let links = self.0.links.borrow();
        let peers = links.get(&session.id).map_or(&[][..], Vec::as_slice);
        let link = |peer: &crate::links::Peer| Link {
            id: peer.session.to_string(),
            name: peer.name.to_string(),
            address: peer.address.to_string(),
            ports: ports.clone(),
        };
        peers.iter().map(link).collect()
    }
}

fn wrong(message: &'static str) -> Error {
    Error::new(ErrorCode::WrongState, message)
}
