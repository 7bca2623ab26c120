//! Lets a visitor in, or says why not: every limit is decided in one transaction.

use std::time::Duration;

use domain::{InstanceName, SessionState, StartLimits, UnixMs};
use sqlx::{Row, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::{NewSession, Session, place, read};
use crate::{Result, Store, row, server};

pub(crate) const ADMIT: &str = concat!(include_str!("counts.sql"), include_str!("admit.sql"));
const COUNTS: &str =
    concat!(include_str!("counts.sql"), "select used, waiting, mine, near, hour, banned from c");

const HOUR: Duration = Duration::from_secs(3600);

/// What became of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A new session: queued, starting, or (with a warm container) running.
    Started(Session),
    /// The token has a session already, in whatever state: a repeated request.
    Existing(Session),
    /// Nothing was written.
    Refused(Refusal),
}

/// Why a start was refused: the first reason in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The operator has closed the service.
    Maintenance {
        /// The operator's words.
        message: Option<String>,
    },
    /// The address is banned.
    Banned,
    /// The address has as many live sessions as it may.
    AddressLimit,
    /// The network has as many live sessions as it may.
    NetworkLimit,
    /// The address started as many sessions within the hour as it may.
    StartRate {
        /// When the next start is possible; none where starts are never possible.
        retry_after: Option<Duration>,
    },
    /// Every place is taken, and the queue is full.
    QueueFull,
}

impl Store {
    /// Starts a session, if maintenance, bans and limits allow it: it gets a warm container of its source and
    /// generation and runs at once for `duration`, or the row of one to be made under the first free name of
    /// `names`, or it waits in the queue.
    pub async fn start(
        &self,
        new: &NewSession,
        limits: &StartLimits,
        duration: Duration,
        names: impl Iterator<Item = InstanceName> + Send,
        now: UnixMs,
    ) -> Result<Admission> {
        let mut write = self.write().await?;
        if let Some(session) = read::by_token(write.connection(), &new.token_hash).await? {
            return Ok(Admission::Existing(session));
        }
        let maintenance = server::maintenance(write.connection()).await?;
        if maintenance.on {
            return Ok(Admission::Refused(Refusal::Maintenance { message: maintenance.message }));
        }
        let visitor = self.secret().visitor(new.address.address_key());
        let Some(admitted) =
            admit(new, limits, &visitor, now).fetch_optional(write.connection()).await?
        else {
            return Ok(Admission::Refused(refusal(write.connection(), new, limits, now).await?));
        };
        if row::parsed::<SessionState>(&admitted, "state")? == SessionState::Starting {
            let container = place::Container {
                source: &new.source,
                generation: &new.generation,
                project: &new.project,
            };
            place::take(write.connection(), new.id, &container, duration, names, now).await?;
        }
        let session =
            read::by_id(write.connection(), new.id).await?.ok_or(sqlx::Error::RowNotFound)?;
        write.changed(new.id);
        write.commit().await?;
        Ok(Admission::Started(session))
    }
}

/// The parameters that counts.sql asks for.
fn counted<'q>(
    sql: &'static str,
    new: &NewSession,
    now: UnixMs,
) -> Query<'q, Sqlite, SqliteArguments> {
    sqlx::query(sql)
        .bind(new.address.address_key().to_string())
        .bind(new.address.network_key().to_string())
        .bind(now.0)
        .bind(new.address.sort_key().to_vec())
}

fn admit<'q>(
    new: &'q NewSession,
    limits: &StartLimits,
    visitor: &'q [u8; 32],
    now: UnixMs,
) -> Query<'q, Sqlite, SqliteArguments> {
    counted(ADMIT, new, now)
        .bind(limits.max)
        .bind(limits.per_address)
        .bind(limits.per_network)
        .bind(limits.per_hour)
        .bind(limits.queue_max)
        .bind(new.id.to_string())
        .bind(&new.token_hash.0[..])
        .bind(new.address.to_string())
        .bind(&visitor[..])
        .bind(&new.terms.hash[..])
        .bind(&new.terms.lang)
        .bind(&new.tutorial)
        .bind(&new.lang)
        .bind(&new.referrer)
        .bind(&new.campaign)
        .bind(new.source.as_str())
        .bind(new.page.to_string())
}

/// Names the first limit that refused, from the same counts in the same transaction.
async fn refusal(
    connection: &mut SqliteConnection,
    new: &NewSession,
    limits: &StartLimits,
    now: UnixMs,
) -> Result<Refusal> {
    let counts = counted(COUNTS, new, now).fetch_one(&mut *connection).await?;
    let reached = |column, limit: u32| {
        Ok::<_, sqlx::Error>(counts.try_get::<i64, _>(column)? >= i64::from(limit))
    };
    Ok(if counts.try_get("banned")? {
        Refusal::Banned
    } else if reached("mine", limits.per_address)? {
        Refusal::AddressLimit
    } else if reached("near", limits.per_network)? {
        Refusal::NetworkLimit
    } else if reached("hour", limits.per_hour)? {
        let retry_after = next_start(connection, new, limits.per_hour, now).await?;
        Refusal::StartRate { retry_after }
    } else {
        Refusal::QueueFull
    })
}

/// How long until so many of the hour's starts have left it that another one fits.
async fn next_start(
    connection: &mut SqliteConnection,
    new: &NewSession,
    per_hour: u32,
    now: UnixMs,
) -> Result<Option<Duration>> {
    // A start fits when the `per_hour`th newest one is an hour old.
    let Some(newer) = per_hour.checked_sub(1) else { return Ok(None) };
    let leaves: Option<i64> = sqlx::query_scalar(
        "select created_at from session indexed by session_started
          where address_key = ?1 order by created_at desc limit 1 offset ?2",
    )
    .bind(new.address.address_key().to_string())
    .bind(newer)
    .fetch_optional(connection)
    .await?;
    Ok(leaves.map(|created_at| UnixMs(created_at).plus(HOUR).since(now)))
}
