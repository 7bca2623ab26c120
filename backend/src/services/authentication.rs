//! Whose session it is: 43 characters base64url, known here by their hash alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{SessionId, SessionState, TokenHash};
use sha2::{Digest, Sha256};
use store::Session;

use super::{Error, Result, Services};

/// A session's visitor, as of the request.
#[derive(Clone, Debug)]
pub struct Visitor(pub(super) Session);

impl Visitor {
    /// The session.
    pub fn id(&self) -> SessionId {
        self.0.id
    }
}

/// A session's token in the clear, on its way to its visitor.
pub(super) struct Token([u8; 32]);

impl Token {
    /// 256 random bits.
    pub(super) fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::internal(&error))?;
        Ok(Self(bytes))
    }

    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As the visitor gets it.
    pub(super) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// As it is stored.
    pub(super) fn hash(&self) -> TokenHash {
        hash(&self.to_text())
    }
}

/// SHA-256 of a token's text.
pub(super) fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token).into())
}

impl Services {
    /// The visitor who holds `token` of session `id`. A wrong token and an unknown session are the same refusal.
    pub async fn authenticate(&self, id: &str, token: &str) -> Result<Visitor> {
        let id: SessionId = id.parse().map_err(|_| Error::unauthorized())?;
        let session = self.0.store.authenticate(id, &hash(token)).await?;
        let session = session.ok_or_else(Error::unauthorized)?;
        // Whoever asks is there. A write that would change nothing still waits for all others.
        let now = domain::UnixMs::now();
        if session.state == SessionState::Queued {
            self.0.presence.heard_of(id, now);
        }
        if session.is_due_to_be_seen(now)
            && let Err(error) = self.0.store.touch_seen(id, now).await
        {
            // Who only looks is answered all the same.
            tracing::error!(session = %id, cause = %error, "a sign of life could not be written down");
        }
        Ok(Visitor(session))
    }

    /// The session as it is now, for what takes longer than a request.
    pub(super) async fn current(&self, id: SessionId) -> Result<Session> {
        self.0.store.session(id).await?.ok_or_else(Error::unauthorized)
    }
}
