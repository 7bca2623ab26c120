//! A session once it is started: look, end, extend.

use domain::{EndedReason, UnixMs};
use shared::{ErrorCode, session::SessionView};

use super::{Error, Result, Services, Visitor};

impl Services {
    /// The session as its visitor sees it.
    pub async fn view(&self, visitor: &Visitor) -> Result<SessionView> {
        self.view_of(&visitor.0).await
    }

    /// The view after a change of the same request.
    pub(super) async fn view_now(&self, visitor: &Visitor) -> Result<SessionView> {
        self.view_of(&self.current(visitor.id()).await?).await
    }

    /// Ends the session now. The second time it has ended already.
    pub async fn end(&self, visitor: &Visitor) -> Result<()> {
        if self.0.store.end(visitor.id(), EndedReason::EndedByVisitor, UnixMs::now()).await? {
            tracing::info!(session = %visitor.id(), "a session was ended by its visitor");
        }
        Ok(())
    }

    /// Takes the place that the queue offers.
    pub async fn claim(&self, visitor: &Visitor) -> Result<SessionView> {
        live(visitor)?;
        Err(Error::new(ErrorCode::WrongState, "No place is being held for this session."))
    }

    /// One more slice of time, if the rules allow.
    pub async fn extend(&self, visitor: &Visitor) -> Result<SessionView> {
        live(visitor)?;
        let settings = self.settings();
        let now = UnixMs::now();
        let extended =
            self.0.store.extend(visitor.id(), settings.extend_by, settings.extensions, now).await?;
        match extended {
            Some(_) => self.view_now(visitor).await,
            None => Err(Error::new(
                ErrorCode::ExtensionRefused,
                "This session cannot be extended any more. Save what you need before its time is up.",
            )),
        }
    }
}

/// Refuses what a session that has ended cannot do.
pub(super) fn live(visitor: &Visitor) -> Result<()> {
    if visitor.0.state.is_live() { Ok(()) } else { Err(Error::session_ended()) }
}

/// Refuses what needs a running container.
pub(super) fn running(visitor: &Visitor) -> Result<&domain::InstanceRef> {
    live(visitor)?;
    let not_yet = || {
        Error::new(ErrorCode::WrongState, "The container is not ready yet. Try again in a moment.")
    };
    if visitor.0.state != domain::SessionState::Running {
        return Err(not_yet());
    }
    visitor.0.instance.as_ref().ok_or_else(not_yet)
}
