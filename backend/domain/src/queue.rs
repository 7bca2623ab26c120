//! When those who wait are likely to get a place: from the moments at which the places that are held are free again.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use crate::UnixMs;

/// The places there are, as of one moment, for whoever waits for one.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// How many there may be.
    pub max: u32,
    /// For each place that is held: when it is free at the latest, by what is known now.
    pub held: Vec<UnixMs>,
}

impl Places {
    /// When each of those who wait is likely to get a place, the first in line first, without end; nobody ever does
    /// where there are no places.
    ///
    /// Who gets a place keeps it for `duration`, so that it is theirs who come later after that. Most visitors leave
    /// earlier, so these are the latest moments, not the likeliest.
    pub fn forecast(&self, duration: Duration, now: UnixMs) -> Forecast {
        let mut held: Vec<_> = self.held.iter().map(|at| (*at).max(now)).collect();
        held.sort_unstable();
        let max = usize::try_from(self.max).unwrap_or(usize::MAX);
        // More may be held than there are, after the operator has taken some away: the first to be free stay empty.
        let surplus = held.len().saturating_sub(max);
        let unheld = max - (held.len() - surplus);
        Forecast {
            unheld,
            now,
            frees: held.into_iter().skip(surplus).map(Reverse).collect(),
            duration,
        }
    }
}

/// When one after the other gets a place: an iterator over moments that never go back.
#[derive(Clone, Debug)]
pub struct Forecast {
    unheld: usize,
    now: UnixMs,
    frees: BinaryHeap<Reverse<UnixMs>>,
    duration: Duration,
}

impl Iterator for Forecast {
    type Item = UnixMs;

    fn next(&mut self) -> Option<UnixMs> {
        let at = match self.unheld.checked_sub(1) {
            Some(rest) => {
                self.unheld = rest;
                self.now
            }
            None => self.frees.pop()?.0,
        };
        self.frees.push(Reverse(at.plus(self.duration)));
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMs = UnixMs(1_777_898_096_007);
    const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

    fn after(seconds: u64) -> UnixMs {
        NOW.plus(Duration::from_secs(seconds))
    }

    fn places(max: u32, held: &[u64]) -> Places {
        Places { max, held: held.iter().map(|seconds| after(*seconds)).collect() }
    }

    fn forecast(places: &Places, count: usize) -> Vec<UnixMs> {
        places.forecast(HALF_AN_HOUR, NOW).take(count).collect()
    }

    #[test]
    fn the_first_gets_the_first_place_that_is_free_and_hands_it_on() {
        let places = places(2, &[600, 60]);
        let expected = [60, 600, 1860, 2400, 3660].map(after);
        assert_eq!(forecast(&places, 5), expected);
    }

    #[test]
    fn a_place_that_nobody_holds_is_free_now() {
        assert_eq!(forecast(&places(2, &[60]), 3), [0, 60, 1800].map(after));
    }

    #[test]
    fn a_place_whose_time_is_over_is_free_now_and_not_before() {
        let late = Places { max: 1, held: vec![UnixMs(0)] };
        assert_eq!(forecast(&late, 2), [0, 1800].map(after));
    }

    #[test]
    fn places_that_were_taken_away_do_not_come_back() {
        assert_eq!(forecast(&places(1, &[10, 20, 30]), 2), [30, 1830].map(after));
        assert_eq!(forecast(&places(0, &[10]), 1), []);
    }

    /// What happens to a line of visitors if nobody leaves early, second by second.
    fn happens(max: usize, held: &[u64], count: usize) -> Vec<UnixMs> {
        let mut held = held.to_vec();
        let mut entered = Vec::new();
        for second in 0.. {
            held.retain(|free_at| *free_at > second);
            while held.len() < max && entered.len() < count {
                held.push(second + HALF_AN_HOUR.as_secs());
                entered.push(after(second));
            }
            if entered.len() == count {
                return entered;
            }
        }
        entered
    }

    proptest! {
        #[test]
        fn it_foretells_what_happens_when_nobody_leaves_early(
            max in 1_u32..6,
            held in prop::collection::vec(0_u64..3000, 0..9),
            count in 1_usize..12,
        ) {
            let expected = happens(max as usize, &held, count);
            prop_assert_eq!(forecast(&places(max, &held), count), expected);
        }

        #[test]
        fn whoever_leaves_early_makes_nobody_wait_longer(
            max in 1_u32..6,
            held in prop::collection::vec(0_u64..3000, 1..9),
            (who, leaves) in (any::<prop::sample::Index>(), 0_u64..3000),
        ) {
            let before = forecast(&places(max, &held), 20);
            let mut held = held;
            let who = who.index(held.len());
            held[who] = held[who].min(leaves);
            let after = forecast(&places(max, &held), 20);
            prop_assert!(after.iter().zip(&before).all(|(after, before)| after <= before));
        }

        #[test]
        fn nobody_overtakes_and_nobody_gets_in_before_now(
            max in 0_u32..6,
            held in prop::collection::vec(-3000_i64..3000, 0..9),
        ) {
            let held = held.iter().map(|seconds| UnixMs(NOW.0 + seconds * 1000)).collect();
            let moments = forecast(&Places { max, held }, 20);
            prop_assert_eq!(moments.len(), if max == 0 { 0 } else { 20 });
            prop_assert!(moments.iter().all(|at| *at >= NOW));
            prop_assert!(moments.is_sorted());
        }
    }
}
