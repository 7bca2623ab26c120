//! Live sessions as operators see them, and what operators do to one.

use std::time::Duration;

use domain::{SessionId, UnixMs};
use shared::{
    ErrorCode,
    feedback::Page,
    operator::{ExtendRequest, SessionItem, Usage},
};
use store::{Extended, Session};

use super::Operator;
use crate::services::{Error, PageQuery, Result, Services, paging, view};

/// The most minutes of one extension: a day.
const MAX_MINUTES: u32 = 24 * 60;

impl Services {
    /// A page of the live sessions, the newest first, each with what its container uses where the server says so.
    pub async fn live_sessions(&self, query: PageQuery) -> Result<Page<SessionItem>> {
        let (cursor, limit) = query.parse()?;
        let page = self.0.store.list_live_sessions(cursor, limit).await?;
        let mut usages = self.usages(&page.items).await;
        Ok(paging::page(page, |session| {
            let usage = usages.remove(&session.id);
            self.item(session, usage)
        }))
    }

    /// Ends a session. The second time it has ended already.
    pub async fn end_session(&self, by: &Operator, id: SessionId) -> Result<()> {
        let entry = by.act("session.end", Some(id.to_string()), None);
        if self.0.store.end_by_operator(id, &entry, UnixMs::now()).await? {
            tracing::info!(operator = by.0, session = %id, "a session was ended by an operator");
            return Ok(());
        }
        self.known(id).await.map(drop)
    }

    /// Gives a session more time, whatever its visitor has used up.
    pub async fn extend_session(
        &self,
        by: &Operator,
        id: SessionId,
        request: ExtendRequest,
    ) -> Result<SessionItem> {
        let time = match request.minutes {
            None => self.0.settings.borrow().extend_by,
            Some(minutes @ 1..=MAX_MINUTES) => Duration::from_secs(60 * u64::from(minutes)),
            Some(_) => return Err(Error::invalid("minutes", "Extend by 1 to 1440 minutes.")),
        };
        let detail = format!("by {} minutes", time.as_secs() / 60);
        let entry = by.act("session.extend", Some(id.to_string()), Some(detail));
        let extended = self.0.store.extend_by_operator(id, time, &entry, UnixMs::now()).await?;
        let session = self.known(id).await?;
        match extended {
            Extended::Until(until) => {
                tracing::info!(operator = by.0, session = %id, %until, "a session was extended");
                let usage = self.usages(std::slice::from_ref(&session)).await.remove(&id);
                Ok(self.item(session, usage))
            }
            Extended::NotRunning if !session.state.is_live() => {
                Err(Error::new(ErrorCode::SessionEnded, "This session has ended."))
            }
            Extended::NotRunning => Err(Error::new(
                ErrorCode::WrongState,
                "This session's time does not run yet, or is just over. Try again once it is running.",
            )),
        }
    }

    /// The session, live or ended.
    pub(super) async fn known(&self, id: SessionId) -> Result<Session> {
        let session = self.0.store.session(id).await?;
        session.ok_or_else(|| Error::not_found("There is no such session."))
    }

    fn item(&self, session: Session, usage: Option<Usage>) -> SessionItem {
        let statuses =
            session.instance.as_ref().map(|at| self.0.terminals.statuses(at)).unwrap_or_default();
        SessionItem {
            id: session.id.to_string(),
            name: session.instance.map(|at| at.name.to_string()),
            state: view::state(session.state),
            source: session.source.to_string(),
            tutorial: session.tutorial,
            address: session.address,
            created_at: session.created_at.to_string(),
            running_at: session.running_at.map(|at| at.to_string()),
            expires_at: session.expires_at.map(|at| at.to_string()),
            extensions: session.extensions,
            attached: statuses.iter().map(|status| status.browsers as u64).sum(),
            usage,
        }
    }
}
