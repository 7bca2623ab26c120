//! The periods that operators count sessions by, and the pieces that a chart of one is made of. All in UTC.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{UnixMs, id::InvalidId, session::words};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The most pieces of a chart, ten years of months: a clock that once was wrong must not make it endless.
const MOST: usize = 120;

words! {
    /// Which sessions are counted.
    Period {
        /// All that there ever were.
        Total = "total",
        /// Those that live now.
        Current = "current",
        /// Those of this minute and the 59 before it.
        Hour = "hour",
        /// Those of this hour and the 23 before it.
        Day = "day",
        /// Those of today and the 6 days before.
        Week = "week",
        /// Those of today and the 29 days before.
        Month = "month",
        /// Those of this calendar month and the 11 before it.
        Year = "year",
    }
}

/// How much time one piece of a chart is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A calendar month.
    Month,
}

/// A period in pieces without gaps, up to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// How much time each is.
    pub grain: Grain,
    /// Since when sessions are counted; since ever where there is none.
    pub since: Option<UnixMs>,
    /// When each begins, in order. The last one is under way; there is at least one.
    pub starts: Vec<UnixMs>,
}

impl Period {
    /// The pieces of the period that ends now. `first` is when the first session was asked for, if there was one. None
    /// of what lives now: that is no stretch of time.
    pub fn buckets(self, first: Option<UnixMs>, now: UnixMs) -> Option<Buckets> {
        let (grain, count) = match self {
            Self::Current => return None,
            Self::Hour => (Grain::Minute, 60),
            Self::Day => (Grain::Hour, 24),
            Self::Week => (Grain::Day, 7),
            Self::Month => (Grain::Day, 30),
            Self::Year => (Grain::Month, 12),
            Self::Total => {
                let starts = Grain::Month.starts_since(first.unwrap_or(now), now);
                return Some(Buckets { grain: Grain::Month, since: None, starts });
            }
        };
        let starts = grain.last(count, now);
        Some(Buckets { grain, since: starts.first().copied(), starts })
    }
}

impl Buckets {
    /// The number of the piece that a moment lies in; what was before the first or is after now counts to the nearest.
    pub fn position(&self, at: UnixMs) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }
}

impl Grain {
    /// How long each piece is; none where they differ.
    pub fn length(self) -> Option<Duration> {
        let millis = match self {
            Self::Minute => MINUTE,
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Month => return None,
        };
        u64::try_from(millis).ok().map(Duration::from_millis)
    }

    /// When the last `count` pieces begin, the one of now included.
    fn last(self, count: usize, now: UnixMs) -> Vec<UnixMs> {
        let mut starts = Vec::with_capacity(count);
        let mut at = now;
        while starts.len() < count {
            let start = self.start(at);
            starts.push(start);
            // Whatever came just before belongs to the piece before.
            at = UnixMs(start.0 - 1);
        }
        starts.reverse();
        starts
    }

    /// When the pieces begin that lie between two moments, theirs included, [`MOST`] at most.
    fn starts_since(self, first: UnixMs, now: UnixMs) -> Vec<UnixMs> {
        let mut starts = self.last(MOST, now);
        let before = starts.partition_point(|start| *start < self.start(first));
        starts.drain(..before.min(MOST - 1));
        starts
    }

    /// When the piece begins that a moment lies in.
    fn start(self, at: UnixMs) -> UnixMs {
        let whole = |size: i64| UnixMs(at.0 - at.0.rem_euclid(size));
        match self {
            Self::Minute => whole(MINUTE),
            Self::Hour => whole(HOUR),
            Self::Day => whole(DAY),
            Self::Month => {
                let day = whole(DAY);
                let days = date(at).map_or(0, |date| i64::from(date.day()) - 1);
                UnixMs(day.0 - days * DAY)
            }
        }
    }
}

/// The day of a moment, if it is one that people count.
fn date(at: UnixMs) -> Option<Date> {
    Timestamp::from_millisecond(at.0).ok().map(|at| at.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> UnixMs {
        text.parse().unwrap()
    }

    fn starts(period: Period, now: &str) -> Vec<String> {
        let buckets = period.buckets(None, at(now)).unwrap();
        assert_eq!(buckets.since, buckets.starts.first().copied());
        buckets.starts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_period_ends_with_the_piece_that_is_under_way() {
        let now = "2024-03-01T00:00:07.000Z";
        for (period, count, first, last) in [
            (Period::Hour, 60, "2024-02-29T23:01:00.000Z", "2024-03-01T00:00:00.000Z"),
            (Period::Day, 24, "2024-02-29T01:00:00.000Z", "2024-03-01T00:00:00.000Z"),
            (Period::Week, 7, "2024-02-24T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
            (Period::Month, 30, "2024-02-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
            (Period::Year, 12, "2023-04-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
        ] {
            let starts = starts(period, now);
            assert_eq!(
                (starts.len(), starts[0].as_str(), starts[count - 1].as_str()),
                (count, first, last),
                "{period}"
            );
        }
        assert_eq!(Period::Current.buckets(None, at(now)), None);
    }

    #[test]
    fn all_that_ever_was_is_shown_by_month_since_the_first_one() {
        let total = |first: Option<&str>| {
            let buckets = Period::Total.buckets(first.map(at), at("2026-05-04T12:00:00Z")).unwrap();
            assert_eq!((buckets.grain, buckets.since), (Grain::Month, None));
            (buckets.starts.len(), buckets.starts[0].to_string())
        };
        assert_eq!(total(Some("2025-12-31T23:59:59Z")), (6, "2025-12-01T00:00:00.000Z".into()));
        assert_eq!(total(Some("2026-05-04T11:00:00Z")), (1, "2026-05-01T00:00:00.000Z".into()));
        assert_eq!(total(None), (1, "2026-05-01T00:00:00.000Z".into()));
        // Both by a clock that was wrong.
        assert_eq!(total(Some("1970-01-01T00:00:00Z")), (120, "2016-06-01T00:00:00.000Z".into()));
        assert_eq!(total(Some("2030-01-01T00:00:00Z")), (1, "2026-05-01T00:00:00.000Z".into()));
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_one_piece(now in 0_i64..253_402_300_799_000, back in 0_i64..40 * 366 * DAY) {
            let (now, then) = (UnixMs(now), UnixMs(now - back));
            for period in Period::ALL {
                let Some(buckets) = period.buckets(Some(then), now) else { continue };
                prop_assert!(buckets.starts.is_sorted_by(|a, b| a < b), "in order");
                prop_assert_eq!(buckets.position(now), buckets.starts.len() - 1, "the last is under way");
                for start in &buckets.starts {
                    prop_assert_eq!(buckets.grain.start(*start), *start);
                }
                let at = buckets.position(then);
                if buckets.starts[0] <= then {
                    prop_assert_eq!(buckets.starts[at], buckets.grain.start(then));
                }
            }
        }
    }
}
