//! Reads sessions.

use domain::{InstanceRef, SessionId, TokenHash};
use serde::de::DeserializeOwned;
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};

use super::{Session, phase};
use crate::{
    Result, Store,
    page::{self, Cursor, Page},
    row,
};

/// Sessions, each with its container, if it has one that is not on its way out.
macro_rules! select {
    ($from:literal $condition:literal) => {
        concat!(
            "select session.*, instance.name as instance_name, instance.project as instance_project
               from ",
            $from,
            " left join instance
                 on instance.session_id = session.id and instance.state in ('creating', 'claimed') where ",
            $condition
        )
    };
}

/// Places taken and visitors waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// Sessions that have a place, and containers of ended ones that are not gone yet.
    pub used: u64,
    /// Sessions in the queue.
    pub waiting: u64,
}

impl Store {
    /// A session, live or ended.
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>> {
        let mut reader = self.readers().acquire().await?;
        by_id(&mut reader, id).await
    }

    /// A session, if the token is its own: a wrong token and an unknown session are the same answer.
    pub async fn authenticate(&self, id: SessionId, token: &TokenHash) -> Result<Option<Session>> {
        // Hashes of 256 random bits: where a comparison stops tells nothing about any token.
        Ok(sqlx::query_as(select!("session" "session.id = ?1 and session.token_hash = ?2"))
            .bind(id.to_string())
            .bind(&token.0[..])
            .fetch_optional(self.readers())
            .await?)
    }

    /// The session that a token belongs to.
    pub async fn session_of_token(&self, token: &TokenHash) -> Result<Option<Session>> {
        let mut reader = self.readers().acquire().await?;
        by_token(&mut reader, token).await
    }

    /// Every live session, in the order they came.
    pub async fn live_sessions(&self) -> Result<Vec<Session>> {
        Ok(sqlx::query_as(select!(
            "session indexed by session_live_state" "session.state <> 'ended' order by session.seq"
        ))
        .fetch_all(self.readers())
        .await?)
    }

    /// A page of at most `limit` live sessions, newest first.
    pub async fn list_live_sessions(
        &self,
        cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<Page<Session>> {
        let items = sqlx::query_as(select!(
            "session indexed by session_live_state"
            "session.state <> 'ended' and session.seq < ?1 order by session.seq desc limit ?2"
        ))
        .bind(page::below(cursor))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.readers())
        .await?;
        Ok(Page::new(items, limit, |session: &Session| session.seq))
    }

    /// Places taken and visitors waiting, whatever the history.
    pub async fn occupancy(&self) -> Result<Occupancy> {
        let row = sqlx::query(
            "select (select count(*) from session indexed by session_live_state
                      where state <> 'ended' and state in ('offered', 'starting', 'running'))
                  + (select count(*) from instance where state = 'deleting' and session_id is not null) as used,
                    (select count(*) from session indexed by session_live_state
                      where state <> 'ended' and state = 'queued') as waiting",
        )
        .fetch_one(self.readers())
        .await?;
        Ok(Occupancy { used: row.try_get("used")?, waiting: row.try_get("waiting")? })
    }
}

pub(super) async fn by_id(
    connection: &mut SqliteConnection,
    id: SessionId,
) -> Result<Option<Session>> {
    Ok(sqlx::query_as(select!("session" "session.id = ?1"))
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?)
}

pub(super) async fn by_token(
    connection: &mut SqliteConnection,
    token: &TokenHash,
) -> Result<Option<Session>> {
    Ok(sqlx::query_as(select!("session" "session.token_hash = ?1"))
        .bind(&token.0[..])
        .fetch_optional(connection)
        .await?)
}

impl FromRow<'_, SqliteRow> for Session {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let instance = match row::parsed_or_none(row, "instance_name")? {
            Some(name) => {
                Some(InstanceRef { project: row::parsed(row, "instance_project")?, name })
            }
            None => None,
        };
        Ok(Self {
            seq: row.try_get("seq")?,
            id: row::parsed(row, "id")?,
            state: row::parsed(row, "state")?,
            ended_reason: row::parsed_or_none(row, "ended_reason")?,
            address: row.try_get("address")?,
            tutorial: row.try_get("tutorial")?,
            lang: row.try_get("lang")?,
            referrer: row.try_get("ref")?,
            campaign: row.try_get("campaign")?,
            source: row::parsed(row, "source")?,
            page: row::parsed(row, "page")?,
            progress: json(row, "progress")?,
            facts: json(row, "facts")?,
            phase: row.try_get::<Option<&str>, _>("phase")?.map(phase::read).transpose()?,
            setup: row::parsed(row, "setup")?,
            extensions: row.try_get("extensions")?,
            created_at: row::moment(row, "created_at")?,
            offer_until: row::moment_or_none(row, "offer_until")?,
            running_at: row::moment_or_none(row, "running_at")?,
            first_attached_at: row::moment_or_none(row, "first_attached_at")?,
            last_input_at: row::moment_or_none(row, "last_input_at")?,
            expires_at: row::moment_or_none(row, "expires_at")?,
            last_seen_at: row::moment(row, "last_seen_at")?,
            ended_at: row::moment_or_none(row, "ended_at")?,
            instance,
        })
    }
}

fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| row::wrong(column, error))
}
