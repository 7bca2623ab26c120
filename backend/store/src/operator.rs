//! What operators do: each act and its row of the audit in one transaction, so that neither is without the other.

use std::time::Duration;

use domain::{BanId, BanOrigin, EndedReason, SessionId, UnixMs};
use sqlx::Row;

use crate::{
    Ban, Closed, Maintenance, NewAuditEntry, NewBan, Result, Store, Unban, audit, ban,
    server::{maintenance, put_maintenance},
    session::transition,
};

/// What became of an operator's extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extended {
    /// It expires then.
    Until(UnixMs),
    /// Its time does not run: it has none yet, is over, or has ended.
    NotRunning,
}

impl Store {
    /// Ends a live session. True for the one caller of many that ended it; who did not is not in the audit.
    pub async fn end_by_operator(
        &self,
        id: SessionId,
        entry: &NewAuditEntry,
        now: UnixMs,
    ) -> Result<bool> {
        let mut write = self.write().await?;
        if !transition::end(&mut write, id, EndedReason::EndedByOperator, now).await? {
            return Ok(false);
        }
        audit::insert(write.connection(), entry, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Gives a session whose time runs more of it, whatever its visitor has used up; the visitor's own extensions
    /// stay as they are.
    pub async fn extend_by_operator(
        &self,
        id: SessionId,
        by: Duration,
        entry: &NewAuditEntry,
        now: UnixMs,
    ) -> Result<Extended> {
        let mut write = self.write().await?;
        // After a reset a session is starting, and its time runs on.
        let extended = sqlx::query(
            "update session set expires_at = expires_at + ?2
              where id = ?1 and state in ('starting', 'running') and expires_at > ?3
             returning expires_at",
        )
        .bind(id.to_string())
        .bind(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
        .bind(now.0)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = extended else { return Ok(Extended::NotRunning) };
        let until = UnixMs(row.try_get("expires_at")?);
        audit::insert(write.connection(), entry, now).await?;
        write.changed(id);
        write.commit().await?;
        Ok(Extended::Until(until))
    }

    /// Adds a ban. Sessions that live are not ended by it.
    pub async fn ban_by_operator(
        &self,
        new: &NewBan,
        entry: &NewAuditEntry,
        now: UnixMs,
    ) -> Result<Ban> {
        let mut write = self.write().await?;
        let ban = ban::add(write.connection(), new, BanOrigin::Operator, now).await?;
        audit::insert(write.connection(), entry, now).await?;
        write.commit().await?;
        Ok(ban)
    }

    /// Lifts a ban that was made at run time. `entry` says how that is written down.
    pub async fn unban_by_operator(
        &self,
        id: BanId,
        entry: impl FnOnce(&Ban) -> NewAuditEntry + Send,
        now: UnixMs,
    ) -> Result<Unban> {
        let mut write = self.write().await?;
        let done = ban::lift(write.connection(), id).await?;
        if let Unban::Lifted(ban) = &done {
            audit::insert(write.connection(), &entry(ban), now).await?;
            write.commit().await?;
        }
        Ok(done)
    }

    /// Closes or opens the service at run time; what it is afterwards, together with the configuration.
    pub async fn put_maintenance(
        &self,
        closed: &Closed,
        entry: &NewAuditEntry,
        now: UnixMs,
    ) -> Result<Maintenance> {
        let mut write = self.write().await?;
        put_maintenance(write.connection(), closed).await?;
        audit::insert(write.connection(), entry, now).await?;
        let after = maintenance(write.connection()).await?;
        write.commit().await?;
        Ok(after)
    }
}
