//! Days, months and all that ever was, from the figures in `daily`: their number is that of the days, however many
//! sessions there were, and they stay when sessions go.

use std::time::Duration;

use domain::{Buckets, Grain, UnixMs};
use sqlx::{Row, SqliteConnection};

use super::{Ends, Statistics, count, sessions};
use crate::{Result, row};

/// When the first session was asked for: the day, or, while none has ended, the moment.
pub(super) async fn first(connection: &mut SqliteConnection) -> Result<Option<UnixMs>> {
    let found = sqlx::query(
        "select (select min(day) from daily) as day,
                (select min(created_at) from session indexed by session_live_state where state <> 'ended') as live",
    )
    .fetch_one(connection)
    .await?;
    let day = found.try_get::<Option<&str>, _>("day")?.map(midnight).transpose()?;
    let live = row::moment_or_none(&found, "live")?;
    Ok(day.into_iter().chain(live).min())
}

/// Reads the figures of a period.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    buckets: &Buckets,
) -> Result<Statistics> {
    let mut read = Statistics::empty(buckets);
    let mut ends = Ends::default();
    let by_month = buckets.grain == Grain::Month;
    let since = buckets.since.map(|since| since.to_string());
    let rows = sqlx::query(
        "select case when ?2 then substr(day, 1, 7) || '-01' else day end as first, figure, sum(value) as value
           from daily
          where day >= ?1 and tutorial = '' and campaign = ''
          group by first, figure",
    )
    // `2026-05-04T…` is text that comes after `2026-05-04`, hence the day alone.
    .bind(since.as_deref().map_or("", |since| &since[..10]))
    .bind(by_month)
    .fetch_all(&mut *connection)
    .await?;
    for found in &rows {
        let value = count(found, "value")?;
        let counts = &mut read.series[buckets.position(midnight(found.try_get("first")?)?)];
        match found.try_get("figure")? {
            "sessions" => counts.sessions += value,
            "started" => {
                counts.started += value;
                ends.runs += value;
            }
            "visitors_of_day" if !by_month => counts.visitors += value,
            "visitors_of_month" if by_month => counts.visitors += value,
            "visitors_ever" if buckets.since.is_none() => read.whole.visitors += value,
            "run_ms" => ends.run += Duration::from_millis(value),
            figure => {
                if let Some(reason) = figure.strip_prefix("ended.") {
                    let reason = reason.parse().map_err(|error| row::wrong("figure", error))?;
                    *ends.reasons.entry(reason).or_default() += value;
                }
            }
        }
    }
    for counts in &read.series {
        read.whole.sessions += counts.sessions;
        read.whole.started += counts.started;
    }
    if let Some(since) = buckets.since {
        read.whole.visitors = sessions::visitors_since(connection, since).await?;
    }
    read.ends = Some(ends);
    Ok(read)
}

/// When a day begins.
fn midnight(day: &str) -> Result<UnixMs, sqlx::Error> {
    format!("{day}T00:00:00Z").parse().map_err(|error| row::wrong("day", error))
}
