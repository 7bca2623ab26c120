//! Samples and what is said of them.

use std::time::{Duration, Instant};

/// Measured values of one kind.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds a time, in milliseconds.
    pub fn since(&mut self, began: Instant) {
        self.time(began.elapsed());
    }

    /// Adds a time, in milliseconds.
    pub fn time(&mut self, time: Duration) {
        self.push(time.as_secs_f64() * 1000.0);
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: &Samples) {
        self.0.extend(&other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value that half of them do not exceed.
    pub fn p50(&self) -> f64 {
        self.percentile(50)
    }

    /// The value that 95 of 100 do not exceed.
    pub fn p95(&self) -> f64 {
        self.percentile(95)
    }

    /// By the nearest rank: a value that was measured, none in between.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let samples: Samples = (1..=20).rev().map(f64::from).collect();
        assert_eq!((samples.p50(), samples.p95()), (10.0, 19.0));
        let one = Samples::from_iter([7.0]);
        assert_eq!((one.p50(), one.p95()), (7.0, 7.0));
        assert!(Samples::default().p50().is_nan());
    }
}
