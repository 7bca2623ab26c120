//! The queue: places are offered in the order visitors came, and taken by whom they were offered to. Both count in one
//! transaction, so that there are never more places than there are.

use std::time::Duration;

use domain::{EndedReason, InstanceName, SessionId, SessionState, UnixMs};
use sqlx::{Connection, Row};

use super::{Session, place, read};
use crate::{Result, Store, row};

/// Why a session in the queue is ended: what was seen of it must still be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It waits, and was not seen after this.
    Left {
        /// When it was last seen.
        last_seen_at: UnixMs,
    },
    /// Its place was offered, and it did not take it.
    Lapsed,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The place was taken: the session is starting, or (with a warm container) running.
    Taken(Session),
    /// It had been taken before: a repeated request.
    Existing(Session),
    /// No place is held for the session.
    NotOffered,
    /// The session has ended.
    Ended,
}

/// Everybody who has a place or waits for one, as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Who waits, in order.
    pub waiting: Vec<SessionId>,
    /// For each session that has a place: when it expires, unless its time does not run yet.
    pub held: Vec<Option<UnixMs>>,
    /// Containers that are being deleted: each keeps its place until it is gone.
    pub deleting: usize,
}

impl Store {
    /// Everybody who has a place or waits for one.
    pub async fn line(&self) -> Result<Line> {
        let mut reader = self.readers().acquire().await?;
        // One snapshot for both: a session that ends in between would have no place, or two.
        let mut snapshot = reader.begin().await?;
        let mut line = Line::default();
        let live = sqlx::query(
            "select id, state, expires_at from session indexed by session_live_state
              where state <> 'ended' order by seq",
        );
        for found in live.fetch_all(&mut *snapshot).await? {
            match row::parsed(&found, "state")? {
                SessionState::Queued => line.waiting.push(row::parsed(&found, "id")?),
                _ => line.held.push(row::moment_or_none(&found, "expires_at")?),
            }
        }
        let deleting = sqlx::query(
            "select count(*) as deleting from instance where state = 'deleting' and session_id is not null",
        )
        .fetch_one(&mut *snapshot)
        .await?;
        line.deleting = usize::try_from(deleting.try_get::<i64, _>("deleting")?).unwrap_or(0);
        Ok(line)
    }

    /// Offers every place that is free to those who wait, in order, until `until`. Answers to whom.
    pub async fn offer(&self, max: u32, until: UnixMs) -> Result<Vec<SessionId>> {
        let mut write = self.write().await?;
        let offered = sqlx::query(include_str!("offer.sql"))
            .bind(max)
            .bind(until.0)
            .fetch_all(write.connection())
            .await?;
        let offered: Vec<SessionId> =
            offered.iter().map(|found| row::parsed(found, "id")).collect::<Result<_, _>>()?;
        for id in &offered {
            write.changed(*id);
        }
        write.commit().await?;
        Ok(offered)
    }

    /// Takes the place that is offered to the session: it gets a warm container of its source and `generation` and
    /// runs at once for `duration`, or the row of one to be made under the first free name of `names`.
    ///
    /// The place is the visitor's until it was given away, not only until the moment that was told: whoever is first,
    /// this or [`Store::lose`], decides.
    pub async fn claim(
        &self,
        id: SessionId,
        wanted: &place::Container<'_>,
        duration: Duration,
        names: impl Iterator<Item = InstanceName> + Send,
        now: UnixMs,
    ) -> Result<Claim> {
        let mut write = self.write().await?;
        // `offer_until` stays: it is by this that a repeated claim is known.
        let taken = sqlx::query(
            "update session set state = 'starting' where id = ?1 and state = 'offered'",
        )
        .bind(id.to_string())
        .execute(write.connection())
        .await?
        .rows_affected();
        if taken > 0 {
            place::take(write.connection(), id, wanted, duration, names, now).await?;
        }
        let session = read::by_id(write.connection(), id).await?.ok_or(sqlx::Error::RowNotFound)?;
        if taken > 0 {
            write.changed(id);
            write.commit().await?;
            return Ok(Claim::Taken(session));
        }
        Ok(match session.state {
            SessionState::Ended => Claim::Ended,
            SessionState::Starting | SessionState::Running if session.offer_until.is_some() => {
                Claim::Existing(session)
            }
            _ => Claim::NotOffered,
        })
    }

    /// Ends a session that lost its place in the queue. False when it came back, claimed, or ended meanwhile.
    pub async fn lose(&self, id: SessionId, lost: Lost, now: UnixMs) -> Result<bool> {
        let (state, last_seen_at, reason) = match lost {
            Lost::Left { last_seen_at } => {
                (SessionState::Queued, last_seen_at.0, EndedReason::LeftQueue)
            }
            Lost::Lapsed => (SessionState::Offered, i64::MAX, EndedReason::OfferLapsed),
        };
        // It has no container whose end would have to be noted with this.
        let statement = sqlx::query(
            "update session set state = 'ended', ended_reason = ?2, ended_at = ?3
              where id = ?1 and state = ?4 and last_seen_at <= ?5",
        )
        .bind(id.to_string())
        .bind(reason.as_str())
        .bind(now.0)
        .bind(state.as_str())
        .bind(last_seen_at);
        self.change_session(id, statement).await
    }
}
