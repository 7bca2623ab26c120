//! Two running sessions of one visitor that may reach each other: the rows, not the network.
//!
//! A link is one row, whichever of the two asked for it, and goes in the transaction that ends either.

use domain::{InstanceRef, SessionId, SessionState, UnixMs};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{Result, Store, row, write::Write};

/// What became of the wish to link two sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// They are linked, by now or already.
    Done,
    /// They are one and the same.
    Same,
    /// One of them has ended, or there is none.
    Ended,
    /// One of them does not run yet.
    NotRunning,
    /// One of them has as many links as it may have.
    TooMany,
}

/// A side of a link: a session, and the container that it has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkEnd {
    /// The session.
    pub session: SessionId,
    /// Its container; another one after a reset.
    pub instance: InstanceRef,
}

impl Store {
    /// Links two running sessions of which neither has `max` links yet; to link them again changes nothing.
    pub async fn link(
        &self,
        one: SessionId,
        other: SessionId,
        max: u32,
        now: UnixMs,
    ) -> Result<Linked> {
        if one == other {
            return Ok(Linked::Same);
        }
        let mut write = self.write().await?;
        for id in [one, other] {
            match state(write.connection(), id).await? {
                None | Some(SessionState::Ended) => return Ok(Linked::Ended),
                Some(SessionState::Running) => {}
                Some(_) => return Ok(Linked::NotRunning),
            }
        }
        let one_s_peers = peers(write.connection(), one).await?;
        if one_s_peers.contains(&other) {
            return Ok(Linked::Done);
        }
        let other_s_peers = peers(write.connection(), other).await?;
        let most = one_s_peers.len().max(other_s_peers.len());
        if u32::try_from(most).map_or(true, |most| most >= max) {
            return Ok(Linked::TooMany);
        }
        // As text, which is what the table's check compares.
        let (one_s_text, other_s_text) = (one.to_string(), other.to_string());
        sqlx::query(
            "insert into link (low, high, created_at) values (min(?1, ?2), max(?1, ?2), ?3)",
        )
        .bind(one_s_text)
        .bind(other_s_text)
        .bind(now.0)
        .execute(write.connection())
        .await?;
        write.changed(one);
        write.changed(other);
        write.commit().await?;
        Ok(Linked::Done)
    }

    /// All links whose sessions both run, each with the containers that they have now, the oldest link first.
    pub async fn live_links(&self) -> Result<Vec<[LinkEnd; 2]>> {
        live(&mut *self.readers().acquire().await?).await
    }
}

/// The links of [`Store::live_links`].
pub(crate) async fn live(reader: &mut SqliteConnection) -> Result<Vec<[LinkEnd; 2]>> {
    let rows = sqlx::query(
        "select low, high, a.name as low_name, a.project as low_project,
                    b.name as high_name, b.project as high_project
               from link
               join session as s on s.id = low and s.state = 'running'
               join session as t on t.id = high and t.state = 'running'
               join instance as a on a.session_id = low and a.state = 'claimed'
               join instance as b on b.session_id = high and b.state = 'claimed'
              order by link.created_at, low, high",
    )
    .fetch_all(reader)
    .await?;
    let links = rows.iter().map(|row| {
        Ok([
            end_of(row, "low", "low_project", "low_name")?,
            end_of(row, "high", "high_project", "high_name")?,
        ])
    });
    Ok(links.collect::<Result<_, sqlx::Error>>()?)
}

/// Takes all links of a session away, and notes those at their other ends as changed.
pub(super) async fn unlink(write: &mut Write, id: SessionId) -> Result<()> {
    for peer in peers(write.connection(), id).await? {
        write.changed(peer);
    }
    sqlx::query("delete from link where low = ?1 or high = ?1")
        .bind(id.to_string())
        .execute(write.connection())
        .await?;
    Ok(())
}

async fn state(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<SessionState>> {
    let found = sqlx::query("select state from session where id = ?1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|found| row::parsed(&found, "state")).transpose()?)
}

/// The sessions at the other ends of a session's links.
async fn peers(connection: &mut SqliteConnection, id: SessionId) -> Result<Vec<SessionId>> {
    let rows = sqlx::query(
        "select high as peer from link where low = ?1 union all select low from link where high = ?1",
    )
    .bind(id.to_string())
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|found| row::parsed(found, "peer")).collect::<Result<_, _>>()?)
}

fn end_of(
    row: &SqliteRow,
    session: &str,
    project: &str,
    name: &str,
) -> Result<LinkEnd, sqlx::Error> {
    let instance =
        InstanceRef { project: row::parsed(row, project)?, name: row::parsed(row, name)? };
    Ok(LinkEnd { session: row::parsed(row, session)?, instance })
}
