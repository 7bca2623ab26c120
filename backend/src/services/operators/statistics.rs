//! How many sessions there were, of how many visitors.

use std::time::Duration;

use domain::{Buckets, Grain, Network, UnixMs};
use shared::{
    ErrorCode,
    statistics::{Bucket, Counts, Period, Point, Statistics},
};

use crate::services::{Error, Result, Services, view};

/// When to ask again while too many others do.
const AGAIN: Duration = Duration::from_secs(5);

/// What an operator asks for, as the query says it.
#[derive(Clone, Debug, Default)]
pub struct StatisticsQuery {
    /// Which sessions.
    pub period: Period,
    /// Whether their visitors are to be counted, too.
    pub unique: bool,
    /// Only those of visitors of this network.
    pub network: Option<String>,
}

impl Services {
    /// Counts sessions. However many ask, one is answered at a time, and visitors wait for none of them.
    pub async fn statistics(&self, query: StatisticsQuery) -> Result<Statistics> {
        let network = query.network.as_deref().map(super::network).transpose()?;
        let network = network.map(Network::of_whole_visitors);
        let now = UnixMs::now();
        let empty = Statistics {
            period: query.period,
            network: network.map(|network| network.to_string()),
            from: None,
            to: now.to_string(),
            whole: Counts::default(),
            states: None,
            ended: None,
            mean_run_ms: None,
            bucket: None,
            series: None,
        };
        let counted = self.counted(&query, network.as_ref(), empty, now).await;
        counted.map_err(|error| match error {
            store::Error::Busy(_) => {
                tracing::warn!(cause = %error, "statistics could not be read in time");
                let message = "Too many ask for statistics right now. Try again in a moment.";
                Error::new(ErrorCode::Unavailable, message).retry_after(AGAIN)
            }
            error => error.into(),
        })
    }

    async fn counted(
        &self,
        query: &StatisticsQuery,
        network: Option<&Network>,
        empty: Statistics,
        now: UnixMs,
    ) -> store::Result<Statistics> {
        let store = &self.0.store;
        let first = store.first_session().await?;
        let Some(buckets) = period(query.period).buckets(first, now) else {
            let present = store.present(network).await?;
            let states = present.states.into_iter().map(|(at, count)| (view::state(at), count));
            let whole = counts(present.counts, query.unique);
            return Ok(Statistics { whole, states: Some(states.collect()), ..empty });
        };
        let counted = store.statistics(&buckets, network).await?;
        let (ended, mean) = match counted.ends {
            None => (None, None),
            Some(ends) => {
                let reasons = ends.reasons.into_iter();
                let ended = reasons.map(|(reason, count)| (view::reason(reason), count)).collect();
                (Some(ended), mean(ends.run, ends.runs))
            }
        };
        Ok(Statistics {
            from: buckets.since.or(first).map(|from| from.to_string()),
            whole: counts(counted.whole, query.unique),
            ended,
            mean_run_ms: mean,
            bucket: Some(bucket(buckets.grain)),
            series: Some(series(&buckets, counted.series, query.unique)),
            ..empty
        })
    }
}

fn series(buckets: &Buckets, series: Vec<store::Counts>, unique: bool) -> Vec<Point> {
    let pieces = buckets.starts.iter().zip(series);
    pieces.map(|(from, of)| Point { from: from.to_string(), counts: counts(of, unique) }).collect()
}

fn counts(counts: store::Counts, unique: bool) -> Counts {
    let store::Counts { sessions, started, visitors } = counts;
    Counts { sessions, started, visitors: unique.then_some(visitors) }
}

/// The mean of so many, in milliseconds.
fn mean(all: Duration, count: u64) -> Option<u64> {
    u64::try_from(all.as_millis()).unwrap_or(u64::MAX).checked_div(count)
}

fn period(period: Period) -> domain::Period {
    match period {
        Period::Total => domain::Period::Total,
        Period::Current => domain::Period::Current,
        Period::Hour => domain::Period::Hour,
        Period::Day => domain::Period::Day,
        Period::Week => domain::Period::Week,
        Period::Month => domain::Period::Month,
        Period::Year => domain::Period::Year,
    }
}

fn bucket(grain: Grain) -> Bucket {
    match grain {
        Grain::Minute => Bucket::Minute,
        Grain::Hour => Bucket::Hour,
        Grain::Day => Bucket::Day,
        Grain::Month => Bucket::Month,
    }
}
