//! A fresh container in the place of a running session's own: place, time and progress stay.

use std::time::Duration;

use domain::{InstanceName, Progress, SessionId, SessionState, UnixMs};
use sqlx::{Row, SqliteConnection};

use super::place::{self, Container};
use crate::{Result, Store, row};

/// So long a container that a reset brought is kept before the next one: each costs the server a creation and a deletion.
const PAUSE: Duration = Duration::from_secs(10);

/// What became of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// The session has another container: a warm one, or one that is being made.
    Done,
    /// The session has ended, or there is none.
    Ended,
    /// The session does not run yet.
    NotRunning,
    /// The container of the last reset is still being deleted.
    UnderWay,
    /// The last reset was a moment ago; the next one is possible after this time.
    TooSoon(Duration),
}

impl Store {
    /// Gives a running session a fresh container, and marks its own for deletion. It keeps its place, its end and its
    /// progress; what was run in the old container counts as not run. The session has at most one container that is
    /// on its way out, so that the places taken beyond the limit are never more than the resets under way.
    pub async fn reset(
        &self,
        id: SessionId,
        fresh: &Container<'_>,
        duration: Duration,
        names: impl Iterator<Item = InstanceName> + Send,
        now: UnixMs,
    ) -> Result<Reset> {
        let mut write = self.write().await?;
        let connection = write.connection();
        if let Some(refusal) = refusal(connection, id, now).await? {
            return Ok(refusal);
        }
        sqlx::query(
            "update instance set state = 'deleting', changed_at = ?2, attempts = 0, retry_at = null
              where session_id = ?1 and state = 'claimed'",
        )
        .bind(id.to_string())
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
        let progress: Progress = begin_anew(connection, id).await?;
        // Whoever asks for it is there, and has been: the session waits for nobody's first attach any more.
        sqlx::query(
            "update session set state = 'starting', setup = 'pending', progress = ?2, last_seen_at = ?3,
                    first_attached_at = coalesce(first_attached_at, ?3)
              where id = ?1 and state = 'running'",
        )
        .bind(id.to_string())
        .bind(serde_json::json!(progress).to_string())
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
        place::take(connection, id, fresh, duration, names, now).await?;
        write.changed(id);
        write.commit().await?;
        Ok(Reset::Done)
    }
}

async fn refusal(
    connection: &mut SqliteConnection,
    id: SessionId,
    now: UnixMs,
) -> Result<Option<Reset>> {
    let found = sqlx::query(
        "select state, running_at,
                (select changed_at from instance where session_id = ?1 and state = 'claimed') as claimed_at,
                exists (select 1 from instance where session_id = ?1 and state = 'deleting') as deleting
           from session where id = ?1",
    )
    .bind(id.to_string())
    .fetch_optional(connection)
    .await?;
    let Some(found) = found else { return Ok(Some(Reset::Ended)) };
    match row::parsed(&found, "state")? {
        SessionState::Ended => return Ok(Some(Reset::Ended)),
        SessionState::Running => {}
        _ => return Ok(Some(Reset::NotRunning)),
    }
    if found.try_get("deleting")? {
        return Ok(Some(Reset::UnderWay));
    }
    let (running_at, claimed_at) =
        (row::moment_or_none(&found, "running_at")?, row::moment_or_none(&found, "claimed_at")?);
    // The first container is claimed at the very moment that the session first runs.
    let again_at = claimed_at.filter(|at| Some(*at) != running_at).map(|at| at.plus(PAUSE));
    Ok(again_at.filter(|at| *at > now).map(|at| Reset::TooSoon(at.since(now))))
}

/// The progress of a session in a container where nothing was run yet.
async fn begin_anew(connection: &mut SqliteConnection, id: SessionId) -> Result<Progress> {
    let found = sqlx::query("select progress from session where id = ?1")
        .bind(id.to_string())
        .fetch_one(connection)
        .await?;
    let mut progress: Progress = serde_json::from_str(found.try_get("progress")?)
        .map_err(|error| row::wrong("progress", error))?;
    progress.forget_all_entered();
    Ok(progress)
}
