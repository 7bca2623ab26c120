//! Who did what through the operators' API.

use domain::UnixMs;
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Result, Store,
    page::{self, Cursor, Page},
    row,
};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuditEntry {
    /// By whom: the operator token's name, 1 to 200 characters.
    pub actor: String,
    /// What, in one word like `session.end`.
    pub action: String,
    /// To what: an id or a network.
    pub subject: Option<String>,
    /// Anything else worth knowing, at most 2,000 characters.
    pub detail: Option<String>,
}

/// Something that was done, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the list.
    seq: i64,
    /// When.
    pub at: UnixMs,
    /// What.
    pub entry: NewAuditEntry,
}

impl Store {
    /// Writes down what was done, where that is no write of its own.
    pub async fn audit(&self, entry: &NewAuditEntry, now: UnixMs) -> Result<()> {
        let mut write = self.write().await?;
        insert(write.connection(), entry, now).await?;
        write.commit().await
    }

    /// A page of at most `limit` entries, newest first.
    pub async fn list_audit(&self, cursor: Option<Cursor>, limit: u32) -> Result<Page<AuditEntry>> {
        let items = sqlx::query_as("select * from audit where seq < ?1 order by seq desc limit ?2")
            .bind(page::below(cursor))
            .bind(i64::from(limit) + 1)
            .fetch_all(self.readers())
            .await?;
        Ok(Page::new(items, limit, |entry: &AuditEntry| entry.seq))
    }
}

/// Writes down what was done, in the transaction that does it.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    entry: &NewAuditEntry,
    now: UnixMs,
) -> Result<()> {
    sqlx::query(
        "insert into audit (at, actor, action, subject, detail) values (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(now.0)
    .bind(&entry.actor)
    .bind(&entry.action)
    .bind(&entry.subject)
    .bind(&entry.detail)
    .execute(connection)
    .await?;
    Ok(())
}

impl FromRow<'_, SqliteRow> for AuditEntry {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.try_get("seq")?,
            at: row::moment(row, "at")?,
            entry: NewAuditEntry {
                actor: row.try_get("actor")?,
                action: row.try_get("action")?,
                subject: row.try_get("subject")?,
                detail: row.try_get("detail")?,
            },
        })
    }
}
