//! A failure that comes again each second is said when it begins, when its cause changes, and once a minute.

use std::time::Duration;

use domain::UnixMs;

/// How long nothing is said of a failure that stays the same.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// The failure that lasts, if one does.
#[derive(Debug, Default)]
pub struct Repeats(Option<Failure>);

#[derive(Debug)]
struct Failure {
    cause: String,
    said_at: UnixMs,
    /// How often it came since.
    unsaid: u32,
}

impl Repeats {
    /// It failed (again). How often since it was said last, this time included; none while nothing is to be said.
    pub fn failed(&mut self, cause: &str, now: UnixMs) -> Option<u32> {
        let same = self.0.take().filter(|failure| failure.cause == cause);
        let mut failure = same.unwrap_or(Failure {
            cause: cause.to_owned(),
            said_at: now.minus(SAID_EVERY),
            unsaid: 0,
        });
        failure.unsaid = failure.unsaid.saturating_add(1);
        let times = (failure.said_at.plus(SAID_EVERY) <= now).then_some(failure.unsaid);
        if times.is_some() {
            (failure.said_at, failure.unsaid) = (now, 0);
        }
        self.0 = Some(failure);
        times
    }

    /// It did not fail; true when it did before.
    pub fn succeeded(&mut self) -> bool {
        self.0.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_said_at_once_at_each_change_and_once_a_minute() {
        let mut repeats = Repeats::default();
        assert!(!repeats.succeeded());
        let mut said = |cause: &str, second: i64| repeats.failed(cause, UnixMs(second * 1000));
        let minutes: Vec<_> = (1_000..1_121).filter_map(|second| said("full", second)).collect();
        assert_eq!(minutes, [1, 60, 60]);
        assert_eq!([said("busy", 1_121), said("busy", 1_122)], [Some(1), None]);
        assert_eq!(said("full", 1_123), Some(1));
        assert!(repeats.succeeded() && !repeats.succeeded());
        assert_eq!(repeats.failed("full", UnixMs(1_124_000)), Some(1));
    }
}
