//! Changes of a session. Each names the state it comes from: false means that somebody else was first.

use std::time::Duration;

use domain::{EndedReason, Phase, SessionId, Setup, UnixMs};
use sqlx::Row;

use super::{Session, link, phase};
use crate::{Result, Store, write::Write};

/// Whether a session may be extended, by its own row: ?1 its id, ?2 how often at most, ?3 now.
macro_rules! may_be_extended {
    () => {
        "id = ?1 and state = 'running' and extensions < ?2 and expires_at > ?3"
    };
}

/// What became of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// The session expires then.
    Until(UnixMs),
    /// Others wait for a place.
    OthersWait,
    /// It was extended as often as it may be, does not run, or is over.
    Refused,
}

/// Signs of life are written at most this often.
const HEARTBEAT: Duration = Duration::from_secs(10);

impl Session {
    /// Whether a sign of life from now would be written: one that would not need not be sent.
    pub fn is_due_to_be_seen(&self, now: UnixMs) -> bool {
        self.last_seen_at.plus(HEARTBEAT) <= now
    }
}

impl Store {
    /// Says how far a start is. Only while starting.
    pub async fn set_phase(&self, id: SessionId, phase: &Phase) -> Result<bool> {
        let statement =
            sqlx::query("update session set phase = ?2 where id = ?1 and state = 'starting'")
                .bind(id.to_string())
                .bind(phase::write(phase));
        self.change_session(id, statement).await
    }

    /// Says how far the tutorial's assets and scripts are, if they are where `from` says.
    pub async fn set_setup(&self, id: SessionId, from: Setup, to: Setup) -> Result<bool> {
        let statement = sqlx::query(
            "update session set setup = ?3 where id = ?1 and setup = ?2 and state <> 'ended'",
        )
        .bind(id.to_string())
        .bind(from.as_str())
        .bind(to.as_str());
        self.change_session(id, statement).await
    }

    /// Ends a live session and marks its container for deletion, in one transaction. True for the one caller of
    /// many that ended it.
    pub async fn end(&self, id: SessionId, reason: EndedReason, now: UnixMs) -> Result<bool> {
        let mut write = self.write().await?;
        if !end(&mut write, id, reason, now).await? {
            return Ok(false);
        }
        write.commit().await?;
        Ok(true)
    }

    /// Gives a running session more time, if it was extended fewer than `max` times, is not over, and nobody waits
    /// for a place.
    pub async fn extend(
        &self,
        id: SessionId,
        by: Duration,
        max: u32,
        now: UnixMs,
    ) -> Result<Extension> {
        let mut write = self.write().await?;
        let extended = sqlx::query(concat!(
            "update session set expires_at = expires_at + ?4, extensions = extensions + 1 where ",
            may_be_extended!(),
            " and not exists (select 1 from session indexed by session_live_state
                               where state <> 'ended' and state = 'queued')
             returning expires_at"
        ))
        .bind(id.to_string())
        .bind(max)
        .bind(now.0)
        .bind(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
        .fetch_optional(write.connection())
        .await?;
        if let Some(row) = extended {
            let expires_at = UnixMs(row.try_get("expires_at")?);
            write.changed(id);
            write.commit().await?;
            return Ok(Extension::Until(expires_at));
        }
        let but_for_others =
            sqlx::query(concat!("select 1 from session where ", may_be_extended!()))
                .bind(id.to_string())
                .bind(max)
                .bind(now.0)
                .fetch_optional(write.connection())
                .await?;
        Ok(but_for_others.map_or(Extension::Refused, |_| Extension::OthersWait))
    }

    /// Notes that a browser attached to a terminal, once.
    pub async fn attached(&self, id: SessionId, now: UnixMs) -> Result<bool> {
        let statement = sqlx::query(
            "update session set first_attached_at = ?2
              where id = ?1 and first_attached_at is null and state <> 'ended'",
        )
        .bind(id.to_string())
        .bind(now.0);
        self.change_session(id, statement).await
    }

    /// Notes that the session's browser is there. Nobody can see it, so it is not told.
    pub async fn touch_seen(&self, id: SessionId, now: UnixMs) -> Result<()> {
        let statement = sqlx::query(
            "update session set last_seen_at = ?2 where id = ?1 and last_seen_at <= ?3 and state <> 'ended'",
        );
        self.change(statement.bind(id.to_string()).bind(now.0).bind(now.minus(HEARTBEAT).0))
            .await
            .map(drop)
    }

    /// Notes that something was typed. Nobody can see it, so it is not told.
    pub async fn touch_input(&self, id: SessionId, now: UnixMs) -> Result<()> {
        let statement = sqlx::query(
            "update session set last_input_at = ?2
              where id = ?1 and coalesce(last_input_at, 0) <= ?3 and state <> 'ended'",
        );
        self.change(statement.bind(id.to_string()).bind(now.0).bind(now.minus(HEARTBEAT).0))
            .await
            .map(drop)
    }
}

/// Ends a live session within a transaction, marks its container for deletion, and takes its links away. True when it
/// was live; whom it concerns is noted.
pub(crate) async fn end(
    write: &mut Write,
    id: SessionId,
    reason: EndedReason,
    now: UnixMs,
) -> Result<bool> {
    let ended = sqlx::query(
        "update session set state = 'ended', ended_reason = ?2, ended_at = ?3, phase = null
          where id = ?1 and state <> 'ended'",
    )
    .bind(id.to_string())
    .bind(reason.as_str())
    .bind(now.0)
    .execute(write.connection())
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "update instance set state = 'deleting', changed_at = ?2, attempts = 0, retry_at = null
          where session_id = ?1 and state in ('creating', 'claimed')",
    )
    .bind(id.to_string())
    .bind(now.0)
    .execute(write.connection())
    .await?;
    link::unlink(write, id).await?;
    write.changed(id);
    Ok(true)
}
