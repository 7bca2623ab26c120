//! Gives a session that has a place its container.

use std::time::Duration;

use domain::{InstanceName, Project, SessionId, SourceName, UnixMs};
use sqlx::SqliteConnection;

use crate::{Error, Result};

/// Names that are tried before it is given up: all but one of these being taken is no accident.
const TRIES: usize = 64;

/// What a container is to be.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    /// What it is made from.
    pub source: &'a SourceName,
    /// The source's present generation: only a warm container of this one will do.
    pub generation: &'a str,
    /// The project that a new one is made in.
    pub project: &'a Project,
}

/// Claims the longest-waiting warm container, and the session runs; or takes one over that is being made for the pool;
/// or writes the row of one to be made.
pub(crate) async fn take(
    connection: &mut SqliteConnection,
    session: SessionId,
    wanted: &Container<'_>,
    duration: Duration,
    names: impl Iterator<Item = InstanceName> + Send,
    now: UnixMs,
) -> Result<()> {
    let claimed = sqlx::query(
        "update instance set state = 'claimed', session_id = ?1, changed_at = ?2
          where name = (select name from instance
                         where state = 'warm' and source = ?3 and generation = ?4
                         order by ready_at limit 1)",
    )
    .bind(session.to_string())
    .bind(now.0)
    .bind(wanted.source.as_str())
    .bind(wanted.generation)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if claimed > 0 {
        run(connection, session, duration, now).await?;
        return Ok(());
    }
    if adopt(connection, session, wanted, now).await? {
        return Ok(());
    }
    insert(connection, wanted, Some(session), names, now).await.map(drop)
}

/// Takes over the container of the pool whose making was begun first: that is never later than another one, which would
/// be begun only now. One that failed before is left alone.
async fn adopt(
    connection: &mut SqliteConnection,
    session: SessionId,
    wanted: &Container<'_>,
    now: UnixMs,
) -> Result<bool> {
    let adopted = sqlx::query(
        "update instance set session_id = ?1, changed_at = ?2
          where name = (select name from instance
                         where state = 'creating' and session_id is null and attempts = 0
                           and source = ?3 and generation = ?4
                         order by created_at limit 1)",
    )
    .bind(session.to_string())
    .bind(now.0)
    .bind(wanted.source.as_str())
    .bind(wanted.generation)
    .execute(connection)
    .await?;
    Ok(adopted.rows_affected() > 0)
}

/// `starting` becomes `running`; the time runs from the first time that it does. True when it did.
pub(crate) async fn run(
    connection: &mut SqliteConnection,
    session: SessionId,
    duration: Duration,
    now: UnixMs,
) -> Result<bool> {
    let changed = sqlx::query(
        "update session set state = 'running', phase = null,
                running_at = coalesce(running_at, ?2), expires_at = coalesce(expires_at, ?3)
          where id = ?1 and state = 'starting'",
    )
    .bind(session.to_string())
    .bind(now.0)
    .bind(now.plus(duration).0)
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Writes the row of a container to be made, under the first name that is free.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    wanted: &Container<'_>,
    session: Option<SessionId>,
    names: impl Iterator<Item = InstanceName> + Send,
    now: UnixMs,
) -> Result<InstanceName> {
    let name = free_name(connection, names).await?;
    sqlx::query(
        "insert into instance (name, project, source, generation, state, session_id, created_at, changed_at)
         values (?1, ?2, ?3, ?4, 'creating', ?5, ?6, ?6)",
    )
    .bind(name.as_str())
    .bind(wanted.project.as_str())
    .bind(wanted.source.as_str())
    .bind(wanted.generation)
    .bind(session.map(|id| id.to_string()))
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(name)
}

/// The first name that no row has. It stays free until the end of the transaction, which has the database alone.
pub(crate) async fn free_name(
    connection: &mut SqliteConnection,
    names: impl Iterator<Item = InstanceName> + Send,
) -> Result<InstanceName> {
    for name in names.take(TRIES) {
        let taken = sqlx::query("select 1 from instance where name = ?1")
            .bind(name.as_str())
            .fetch_optional(&mut *connection)
            .await?;
        if taken.is_none() {
            return Ok(name);
        }
    }
    Err(Error::NoFreeName)
}
