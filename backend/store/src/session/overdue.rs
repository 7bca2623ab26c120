//! Sessions whose time, in some sense, is up. To end them is the caller's.

use std::time::Duration;

use domain::{SessionId, UnixMs};

use crate::{Result, Store, row, write::Statement};

/// Now, and since when deadlines run: every deadline but a session's expiry counts from the later of its row's own
/// time and the moment that this process began to serve (or reached LXD again), so that a restart or an outage ends
/// nobody's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The present.
    pub now: UnixMs,
    /// When this process began to serve.
    pub since: UnixMs,
}

impl Store {
    /// Running sessions (and ones starting anew) whose time is up.
    pub async fn expired_sessions(&self, now: UnixMs) -> Result<Vec<SessionId>> {
        self.session_ids(
            sqlx::query(
                "select id from session indexed by session_live_state
                  where state <> 'ended' and state in ('starting', 'running') and expires_at <= ?1",
            )
            .bind(now.0),
        )
        .await
    }

    /// Starting sessions whose container took longer than `patience`, or failed `tries` times.
    pub async fn stuck_sessions(
        &self,
        clock: Serving,
        patience: Duration,
        tries: u32,
    ) -> Result<Vec<SessionId>> {
        self.session_ids(
            sqlx::query(
                "select session.id from session indexed by session_live_state left join instance
                     on instance.session_id = session.id and instance.state in ('creating', 'claimed')
                  where session.state <> 'ended' and session.state = 'starting'
                    and (max(coalesce(instance.created_at, session.created_at), ?1) <= ?2
                         or instance.attempts >= ?3)",
            )
            .bind(clock.since.0)
            .bind(clock.now.minus(patience).0)
            .bind(tries),
        )
        .await
    }

    /// Running sessions that nobody ever attached to within `patience`.
    pub async fn abandoned_sessions(
        &self,
        clock: Serving,
        patience: Duration,
    ) -> Result<Vec<SessionId>> {
        self.session_ids(
            sqlx::query(
                "select id from session indexed by session_live_state
                  where state <> 'ended' and state = 'running' and first_attached_at is null
                    and max(running_at, ?1) <= ?2",
            )
            .bind(clock.since.0)
            .bind(clock.now.minus(patience).0),
        )
        .await
    }

    /// Running sessions without a browser and without input for `patience`.
    pub async fn idle_sessions(
        &self,
        clock: Serving,
        patience: Duration,
    ) -> Result<Vec<SessionId>> {
        self.session_ids(
            sqlx::query(
                "select id from session indexed by session_live_state
                  where state <> 'ended' and state = 'running'
                    and max(running_at, last_seen_at, coalesce(last_input_at, 0), ?1) <= ?2",
            )
            .bind(clock.since.0)
            .bind(clock.now.minus(patience).0),
        )
        .await
    }

    async fn session_ids(&self, statement: Statement<'_>) -> Result<Vec<SessionId>> {
        let rows = statement.fetch_all(self.readers()).await?;
        Ok(rows.iter().map(|found| row::parsed(found, "id")).collect::<Result<_, _>>()?)
    }
}
