//! A write transaction, and whom it concerns.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::SessionId;
use sqlx::{Sqlite, SqliteConnection, Transaction, query::Query, sqlite::SqliteArguments};
use tokio::sync::broadcast;

use crate::{Error, Result, Store, health::Health, row};

/// One write. Dropped, it leaves no trace; committed, it tells which sessions it changed.
pub(crate) struct Write {
    transaction: Transaction<'static, Sqlite>,
    changed: Vec<SessionId>,
    changes: broadcast::Sender<SessionId>,
    commits: Arc<AtomicU64>,
    health: Arc<Health>,
}

impl Write {
    pub(crate) fn new(
        transaction: Transaction<'static, Sqlite>,
        changes: broadcast::Sender<SessionId>,
        commits: Arc<AtomicU64>,
        health: Arc<Health>,
    ) -> Self {
        Self { transaction, changed: Vec::new(), changes, commits, health }
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Notes a session to be told of after the commit.
    pub(crate) fn changed(&mut self, session: SessionId) {
        self.changed.push(session);
    }

    /// Commits, then tells. Both happen even when the caller is dropped meanwhile: a change that is committed but
    /// not told would be seen by nobody.
    pub(crate) async fn commit(self) -> Result<()> {
        let committing = tokio::spawn(async move {
            let committed = self.transaction.commit().await.map_err(Error::from);
            self.health.note(&committed);
            // Counted however it went: a write that was refused too late has changed the file all the same.
            self.commits.fetch_add(1, Ordering::Release);
            committed?;
            for session in self.changed {
                // An error means that nobody listens, which is fine.
                let _ = self.changes.send(session);
            }
            Ok(())
        });
        committing.await.unwrap_or_else(|_| Err(Error::Sqlite(sqlx::Error::WorkerCrashed)))
    }
}

pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

impl Store {
    /// Runs one statement that changes at most one session's row; true when it did.
    pub(crate) async fn change_session(
        &self,
        id: SessionId,
        statement: Statement<'_>,
    ) -> Result<bool> {
        let mut write = self.write().await?;
        if statement.execute(write.connection()).await?.rows_affected() == 0 {
            return Ok(false);
        }
        write.changed(id);
        write.commit().await?;
        Ok(true)
    }

    /// Runs one statement that changes at most one instance's row and says `returning session_id`; true when it did.
    pub(crate) async fn change_instance(&self, statement: Statement<'_>) -> Result<bool> {
        let mut write = self.write().await?;
        let Some(found) = statement.fetch_optional(write.connection()).await? else {
            return Ok(false);
        };
        if let Some(session) = row::parsed_or_none(&found, "session_id")? {
            write.changed(session);
        }
        write.commit().await?;
        Ok(true)
    }

    /// Runs one statement that concerns no session; true when it changed a row.
    pub(crate) async fn change(&self, statement: Statement<'_>) -> Result<bool> {
        let mut write = self.write().await?;
        let changed = statement.execute(write.connection()).await?.rows_affected() > 0;
        write.commit().await?;
        Ok(changed)
    }
}
