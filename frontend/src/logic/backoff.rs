//! How long to wait before the next attempt.

/// A range of waits in milliseconds that doubles from `from` up to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The shortest wait.
    pub from: u32,
    /// The longest wait.
    pub to: u32,
}

impl Backoff {
    /// After a lost connection.
    pub const LOST: Backoff = Backoff { from: 500, to: 15_000 };
    /// While LXD can't be reached.
    pub const UNAVAILABLE: Backoff = Backoff { from: 1_000, to: 30_000 };
    /// While the service restarts: one wait anywhere in the range, so that not all browsers come at once.
    pub const RESTARTING: Backoff = Backoff { from: 500, to: 3_000 };

    /// The wait before attempt `attempt` (from 0). `chance` in 0..1 spreads it over the upper half.
    pub fn doubled(self, attempt: u32, chance: f64) -> u32 {
        let ceiling = self.from.saturating_mul(1 << attempt.min(10)).min(self.to);
        let floor = (ceiling / 2).max(self.from);
        Backoff { from: floor, to: ceiling }.anywhere(chance)
    }

    /// A wait anywhere in the range.
    pub fn anywhere(self, chance: f64) -> u32 {
        let width = f64::from(self.to - self.from);
        self.from + (width * chance.clamp(0.0, 1.0)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_in_the_range() {
        let backoff = Backoff::UNAVAILABLE;
        assert_eq!(backoff.doubled(0, 0.9), 1_000);
        assert_eq!(backoff.doubled(2, 0.0), 2_000);
        assert_eq!(backoff.doubled(2, 1.0), 4_000);
        for attempt in 0..100 {
            let wait = backoff.doubled(attempt, 0.5);
            assert!((1_000..=30_000).contains(&wait), "{attempt}: {wait}");
        }
    }

    #[test]
    fn chance_is_clamped() {
        assert_eq!(Backoff::RESTARTING.anywhere(-1.0), 500);
        assert_eq!(Backoff::RESTARTING.anywhere(2.0), 3_000);
    }
}
