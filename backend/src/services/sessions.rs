//! A session once there is one: look, claim, extend, reset, end.

use std::time::Duration;

use domain::{EndedReason, InstanceName, Project, SourceName, UnixMs};
use shared::{ErrorCode, session::SessionView};
use store::{Claim, Container, Extension, Reset};

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

    /// Takes the place that the queue offers. The second time it has been taken already.
    pub async fn claim(&self, visitor: &Visitor) -> Result<SessionView> {
        live(visitor)?;
        let settings = self.settings();
        let made_of = self.made_of(visitor)?;
        let names = InstanceName::candidates();
        let claim = self
            .0
            .store
            .claim(visitor.id(), &made_of.container(), settings.duration, names, UnixMs::now())
            .await?;
        match claim {
            Claim::Taken(session) => {
                tracing::info!(session = %session.id, "a place was taken");
                self.view_of(&session).await
            }
            Claim::Existing(session) => self.view_of(&session).await,
            Claim::NotOffered => {
                Err(Error::new(ErrorCode::WrongState, "No place is being held for this session."))
            }
            Claim::Ended => Err(Error::session_ended()),
        }
    }

    /// One more slice of time, if the rules allow.
    pub async fn extend(&self, visitor: &Visitor) -> Result<SessionView> {
        live(visitor)?;
        let settings = self.settings();
        let now = UnixMs::now();
        let extended =
            self.0.store.extend(visitor.id(), settings.extend_by, settings.extensions, now).await?;
        match extended {
            Extension::Until(_) => self.view_now(visitor).await,
            Extension::OthersWait => Err(Error::new(
                ErrorCode::ExtensionRefused,
                "Others are waiting for a place, so this session ends as planned. Save what you need before then.",
            )),
            Extension::Refused => Err(Error::new(
                ErrorCode::ExtensionRefused,
                "This session cannot be extended any more. Save what you need before its time is up.",
            )),
        }
    }

    /// A fresh container in the same place, time and progress.
    pub async fn reset(&self, visitor: &Visitor) -> Result<SessionView> {
        running(visitor)?;
        if let Some(message) = self.outage() {
            return Err(Error::new(ErrorCode::Unavailable, message));
        }
        let settings = self.settings();
        let made_of = self.made_of(visitor)?;
        let names = InstanceName::candidates();
        let reset = self
            .0
            .store
            .reset(visitor.id(), &made_of.container(), settings.duration, names, UnixMs::now())
            .await?;
        match reset {
            Reset::Done => {
                tracing::info!(session = %visitor.id(), "a session gets a fresh container");
                self.view_now(visitor).await
            }
            Reset::Ended => Err(Error::session_ended()),
            Reset::NotRunning => Err(not_ready()),
            Reset::UnderWay => Err(Error::new(
                ErrorCode::WrongState,
                "The container of the last reset is still being removed. Try again in a moment.",
            )
            .retry_after(Duration::from_secs(1))),
            Reset::TooSoon(after) => Err(Error::new(
                ErrorCode::WrongState,
                "This container was made a moment ago. Try again in a few seconds.",
            )
            .retry_after(after)),
        }
    }

    /// What a container of the session would be made of now.
    fn made_of(&self, visitor: &Visitor) -> Result<MadeOf> {
        let source = visitor.0.source.clone();
        let generation = self.generation(&source)?;
        let settings = self.0.settings.borrow();
        let configured = settings.sources.iter().find(|found| found.source.name == source);
        let project = configured.map(|found| found.source.project.clone()).ok_or_else(|| {
            Error::internal(&format!("source {source} is not configured any more"))
        })?;
        Ok(MadeOf { source, generation, project })
    }
}

/// What a container is made of.
struct MadeOf {
    source: SourceName,
    generation: String,
    project: Project,
}

impl MadeOf {
    fn container(&self) -> Container<'_> {
        Container { source: &self.source, generation: &self.generation, project: &self.project }
    }
}

/// Refuses what a session that has ended cannot do.
pub(super) fn live(visitor: &Visitor) -> Result<()> {
    if visitor.0.state.is_live() { Ok(()) } else { Err(Error::session_ended()) }
}

/// Refuses what needs a running container.
pub(super) fn running(visitor: &Visitor) -> Result<&domain::InstanceRef> {
    live(visitor)?;
    if visitor.0.state != domain::SessionState::Running {
        return Err(not_ready());
    }
    visitor.0.instance.as_ref().ok_or_else(not_ready)
}

fn not_ready() -> Error {
    Error::new(ErrorCode::WrongState, "The container is not ready yet. Try again in a moment.")
}
