//! Hours, minutes and networks, from the sessions: those that have ended each time only of an index that holds all that is
//! asked for, those that live one by one.
//!
//! A visitor is counted at the first session since a moment: the one before was earlier than that, or never was.

use std::time::Duration;

use domain::{Buckets, Network, UnixMs};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Counts, Ends, Statistics, count};
use crate::{Result, row};

/// A network that more sessions came from than this is looked for in time, not among its addresses: up to here that is
/// the quicker way, whatever the period.
const NARROW: u32 = 100_000;

/// What is counted of the sessions between ?1 and ?2: visitors once, and new ones since ?3 once.
macro_rules! count_between {
    ($and:literal) => {
        concat!(
            "select count(*) as sessions, count(running_at) as started,
                    count(*) filter (where previous_at is null or previous_at < ?1) as visitors,
                    count(*) filter (where previous_at is null or previous_at < ?3) as whole
               from session indexed by session_time where state = 'ended' and created_at >= ?1 and created_at < ?2 ",
            $and
        )
    };
}
const OF_ALL: &str = count_between!("");
const OF_RANGE: &str = count_between!("and ip between ?4 and ?5");
/// The same of each piece, of the addresses from ?1 to ?2 since ?3. A piece is ?4 milliseconds, or a calendar month.
const WITHIN: &str =
    "select start, count(*) as sessions, count(running_at) as started,
            count(*) filter (where previous_at is null or previous_at < start) as visitors,
            count(*) filter (where previous_at is null or previous_at < ?3) as whole
       from (select iif(?4 > 0, created_at - created_at % ?4,
                        1000 * unixepoch(created_at / 1000, 'unixepoch', 'start of month')) as start,
                    previous_at, running_at
               from session indexed by session_ip
              where state = 'ended' and ip between ?1 and ?2 and created_at >= ?3)
      group by start";
const VISITORS_SINCE: &str = "select count(*) as visitors from session indexed by session_time
                              where state = 'ended' and created_at >= ?1 and (previous_at is null or previous_at < ?1)";
const IS_NARROW: &str = "select count(*) as sessions from (
                             select 1 from session indexed by session_ip
                              where state = 'ended' and ip between ?1 and ?2 limit ?3 + 1)";

/// What may read many sessions.
#[cfg(test)]
pub(crate) const LONG: [&str; 4] = [OF_ALL, OF_RANGE, WITHIN, VISITORS_SINCE];

/// Addresses between two, as [`Network::sort_ranges`] has them.
type Range = ([u8; 16], [u8; 16]);

impl Statistics {
    /// Nothing yet.
    pub(super) fn empty(buckets: &Buckets) -> Self {
        Self { series: vec![Counts::default(); buckets.starts.len()], ..Self::default() }
    }

    /// Adds what was counted in one piece.
    fn count(&mut self, at: usize, found: &SqliteRow) -> Result<(), sqlx::Error> {
        let counts = Counts {
            sessions: count(found, "sessions")?,
            started: count(found, "started")?,
            visitors: count(found, "visitors")?,
        };
        self.series[at].add(counts);
        self.whole.add(Counts { visitors: count(found, "whole")?, ..counts });
        Ok(())
    }

    /// Counts one session.
    fn add(&mut self, buckets: &Buckets, session: &SqliteRow) -> Result<(), sqlx::Error> {
        let at = buckets.position(row::moment(session, "created_at")?);
        let previous = row::moment_or_none(session, "previous_at")?;
        let visitors = |since| u64::from(previous.is_none_or(|previous| previous < since));
        let started = u64::from(row::moment_or_none(session, "running_at")?.is_some());
        let one = Counts { sessions: 1, started, visitors: visitors(since(buckets)) };
        self.whole.add(one);
        self.series[at].add(Counts { visitors: visitors(buckets.starts[at]), ..one });
        Ok(())
    }
}

/// Reads the sessions of a period that have ended, and how they did.
pub(super) async fn of_all(
    connection: &mut SqliteConnection,
    buckets: &Buckets,
) -> Result<Statistics> {
    let mut read = Statistics::empty(buckets);
    between(connection, &mut read, buckets, None).await?;
    read.ends = Some(ends(connection, since(buckets)).await?);
    Ok(read)
}

/// Reads the sessions of a period that have ended and came from a network.
pub(super) async fn of_network(
    connection: &mut SqliteConnection,
    buckets: &Buckets,
    network: &Network,
) -> Result<Statistics> {
    let mut read = Statistics::empty(buckets);
    for range in network.sort_ranges() {
        if is_narrow(connection, range).await? {
            within(connection, &mut read, buckets, range).await?;
        } else {
            between(connection, &mut read, buckets, Some(range)).await?;
        }
    }
    Ok(read)
}

/// Adds the sessions of a period that live.
pub(super) async fn add_live(
    connection: &mut SqliteConnection,
    read: &mut Statistics,
    buckets: &Buckets,
    network: Option<&Network>,
) -> Result<()> {
    let rows = sqlx::query(
        "select created_at, previous_at, running_at, ip from session indexed by session_live_state
          where state <> 'ended' and created_at >= ?1",
    )
    .bind(since(buckets).0)
    .fetch_all(connection)
    .await?;
    for session in &rows {
        if is_of(session, network)? {
            read.add(buckets, session)?;
        }
    }
    Ok(())
}

/// Whether a session came from a network, or none is asked for.
pub(super) fn is_of(session: &SqliteRow, network: Option<&Network>) -> Result<bool, sqlx::Error> {
    let Some(network) = network else { return Ok(true) };
    let Some(ip) = session.try_get::<Option<&[u8]>, _>("ip")? else { return Ok(false) };
    Ok(network.sort_ranges().iter().any(|(low, high)| &low[..] <= ip && ip <= &high[..]))
}

/// The different visitors since a moment, by their sessions that have ended.
pub(super) async fn visitors_since(
    connection: &mut SqliteConnection,
    since: UnixMs,
) -> Result<u64> {
    let found = sqlx::query(VISITORS_SINCE).bind(since.0).fetch_one(connection).await?;
    Ok(count(&found, "visitors")?)
}

/// Counts each piece by itself, in the order of time.
async fn between(
    connection: &mut SqliteConnection,
    read: &mut Statistics,
    buckets: &Buckets,
    range: Option<Range>,
) -> Result<()> {
    // What was before the first or is after now counts to the nearest, as `Buckets::position` has it.
    let mut low = since(buckets);
    let ends = buckets.starts.iter().skip(1).copied().chain([UnixMs(i64::MAX)]);
    for (at, high) in ends.enumerate() {
        let sql = if range.is_some() { OF_RANGE } else { OF_ALL };
        let mut query = sqlx::query(sql).bind(low.0).bind(high.0).bind(since(buckets).0);
        if let Some((first, last)) = range {
            query = query.bind(first.to_vec()).bind(last.to_vec());
        }
        let found = query.fetch_one(&mut *connection).await?;
        read.count(at, &found)?;
        low = high;
    }
    Ok(())
}

/// Counts the sessions of few addresses, sorted into pieces.
async fn within(
    connection: &mut SqliteConnection,
    read: &mut Statistics,
    buckets: &Buckets,
    (first, last): Range,
) -> Result<()> {
    let length = buckets.grain.length().map_or(0, |length| length.as_millis());
    let rows = sqlx::query(WITHIN)
        .bind(first.to_vec())
        .bind(last.to_vec())
        .bind(since(buckets).0)
        .bind(i64::try_from(length).unwrap_or(0))
        .fetch_all(connection)
        .await?;
    for found in &rows {
        let at = buckets.position(row::moment(found, "start")?);
        read.count(at, found)?;
    }
    Ok(())
}

/// Whether few sessions came from these addresses.
async fn is_narrow(connection: &mut SqliteConnection, (first, last): Range) -> Result<bool> {
    let query = sqlx::query(IS_NARROW).bind(first.to_vec()).bind(last.to_vec()).bind(NARROW);
    let found = query.fetch_one(connection).await?;
    Ok(count(&found, "sessions")? <= u64::from(NARROW))
}

/// How the sessions since a moment ended.
async fn ends(connection: &mut SqliteConnection, since: UnixMs) -> Result<Ends> {
    let rows = sqlx::query(
        "select ended_reason, count(*) as sessions, count(running_at) as runs,
                coalesce(sum(max(ended_at - running_at, 0)), 0) as run_ms
           from session indexed by session_time
          where state = 'ended' and created_at >= ?1 group by ended_reason",
    )
    .bind(since.0)
    .fetch_all(connection)
    .await?;
    let mut ends = Ends::default();
    for found in &rows {
        ends.reasons.insert(row::parsed(found, "ended_reason")?, count(found, "sessions")?);
        ends.runs += count(found, "runs")?;
        ends.run += Duration::from_millis(count(found, "run_ms")?);
    }
    Ok(ends)
}

/// Since when sessions are counted.
fn since(buckets: &Buckets) -> UnixMs {
    buckets.since.unwrap_or(UnixMs(i64::MIN))
}
