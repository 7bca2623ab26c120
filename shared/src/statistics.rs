//! How many sessions there were: what `GET /operator/statistics` answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::session::{EndedReason, SessionState};

/// Which sessions are counted, by when they were asked for. All times are UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// All that there ever were; by calendar month.
    #[default]
    Total,
    /// Those that live now; without a series.
    Current,
    /// This minute and the 59 before it, by minute.
    Hour,
    /// This hour and the 23 before it, by hour.
    Day,
    /// Today and the 6 days before, by day.
    Week,
    /// Today and the 29 days before, by day.
    Month,
    /// This calendar month and the 11 before it, by month.
    Year,
}

/// How much time one piece of the series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A calendar month.
    Month,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// What was asked for.
    pub period: Period,
    /// Only visitors of this network are counted, in CIDR notation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Since when; absent of what lives now, and of all that ever was while nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until when: the server's time.
    pub to: String,
    /// The counts of the whole period.
    #[serde(flatten)]
    pub whole: Counts,
    /// How many of them are in which state; only of what lives now. A state that nothing is in is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states: Option<BTreeMap<SessionState, u64>>,
    /// How many of them ended by which reason, unless of a network. A reason that nothing ended by is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<BTreeMap<EndedReason, u64>>,
    /// How long those of them ran that had a container and are over, on average, in milliseconds; absent of a network,
    /// and where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_run_ms: Option<u64>,
    /// How much time each piece of the series is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bucket>,
    /// The period in pieces without gaps, in order; the last one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Vec<Point>>,
}

/// A piece of the series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// When it begins.
    pub from: String,
    /// Its counts.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Sessions and their visitors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sessions that were asked for.
    pub sessions: u64,
    /// Those of them that had a container. The others left the queue, failed to start, or still wait.
    pub started: u64,
    /// The different visitors whose they were, by address (IPv4) or /64 (IPv6); only when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitors: Option<u64>,
}
