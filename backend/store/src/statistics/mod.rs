//! How many sessions there were, of how many visitors: by day from figures that are counted as sessions end, by the hour
//! and by network from the sessions themselves, and those that live one by one.
//!
//! All of it goes through a reader of its own ([`Store::reports`]): however many ask, visitors' readers stay theirs.

mod figures;
mod now;
mod sessions;

use std::{collections::BTreeMap, time::Duration};

use domain::{Buckets, EndedReason, Grain, Network, UnixMs};
use sqlx::{Connection, Row, sqlite::SqliteRow};

pub use now::Present;
#[cfg(test)]
pub(crate) use sessions::LONG;

use crate::{Result, Store};

/// Sessions that were asked for in some stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub sessions: u64,
    /// Those that had a container; the others waited in vain, or do so still.
    pub started: u64,
    /// The different visitors whose they were.
    pub visitors: u64,
}

/// Sessions that were asked for in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// In all of it.
    pub whole: Counts,
    /// In each piece. A visitor who came in several is counted in each.
    pub series: Vec<Counts>,
    /// How they ended; not known of a network.
    pub ends: Option<Ends>,
}

/// How sessions ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// How many by which reason; one that nothing ended by is left out.
    pub reasons: BTreeMap<EndedReason, u64>,
    /// How many had run.
    pub runs: u64,
    /// How long those ran, all together.
    pub run: Duration,
}

impl Store {
    /// When the first session was asked for, if there was one: the day, or, while none has ended, the moment.
    pub async fn first_session(&self) -> Result<Option<UnixMs>> {
        let mut reader = self.reports().await?;
        figures::first(&mut reader).await
    }

    /// What was asked for in a period: by everybody, or by visitors of a network as far as their addresses are kept.
    pub async fn statistics(
        &self,
        buckets: &Buckets,
        network: Option<&Network>,
    ) -> Result<Statistics> {
        let mut reader = self.reports().await?;
        // One snapshot, so that the parts add up to the whole.
        let mut snapshot = reader.begin().await?;
        let mut read = match (network, buckets.grain) {
            (Some(network), _) => sessions::of_network(&mut snapshot, buckets, network).await?,
            (None, Grain::Minute | Grain::Hour) => sessions::of_all(&mut snapshot, buckets).await?,
            (None, Grain::Day | Grain::Month) => figures::read(&mut snapshot, buckets).await?,
        };
        sessions::add_live(&mut snapshot, &mut read, buckets, network).await?;
        Ok(read)
    }
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.started += other.started;
        self.visitors += other.visitors;
    }
}

/// A count that SQLite made.
fn count(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}
