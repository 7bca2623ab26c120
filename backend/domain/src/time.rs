//! Moments, in unix milliseconds as the database keeps them.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixMs(pub i64);

impl UnixMs {
    /// The server's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// This moment and a while.
    #[must_use]
    pub fn plus(self, while_: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(while_.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment less a while.
    #[must_use]
    pub fn minus(self, while_: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(while_.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// RFC 3339 in UTC with milliseconds, as the API writes times.
impl fmt::Display for UnixMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => f.write_str("out of range"),
        }
    }
}

/// Why a text is no moment.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time like 2026-05-04T12:30:00.000Z")]
pub struct NotATime;

impl std::str::FromStr for UnixMs {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let time: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        Ok(Self(time.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_milliseconds_and_read_back() {
        let moment = UnixMs(1_777_898_096_007);
        assert_eq!(moment.to_string(), "2026-05-04T12:34:56.007Z");
        assert_eq!("2026-05-04T12:34:56.007Z".parse(), Ok(moment));
        assert_eq!("yesterday".parse::<UnixMs>(), Err(NotATime));
    }

    #[test]
    fn never_counts_backwards() {
        assert_eq!(UnixMs(5).since(UnixMs(9)), Duration::ZERO);
        assert_eq!(UnixMs(9).since(UnixMs(5)), Duration::from_millis(4));
    }
}
