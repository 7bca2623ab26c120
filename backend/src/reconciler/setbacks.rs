//! What went wrong with the pool lately: how long each source rests, and which first terminals had to be opened anew.
//!
//! Kept in memory alone. A restart forgets it and tries at once, which is what whoever restarts wants.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{InstanceName, SourceName, UnixMs};

/// The first rest of a source; it doubles.
const FIRST_REST: Duration = Duration::from_secs(2);
/// No rest is longer.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// So long after its last failure a source has none.
const FORGIVEN: Duration = Duration::from_secs(600);
/// Openings of a first terminal count for so long.
const MINUTE: Duration = Duration::from_secs(60);

/// What went wrong with one source's pool lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// Failures in a row.
    pub failures: u32,
    /// Until when nothing is made for its pool.
    pub until: UnixMs,
    /// When the last one was.
    at: UnixMs,
    /// What the last one was.
    cause: String,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Setbacks(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    sources: HashMap<SourceName, Setback>,
    reopened: HashMap<InstanceName, Vec<UnixMs>>,
}

impl Setbacks {
    /// A container for the pool could not be made, or could not be kept. True when that is news: the first failure,
    /// or another cause than the last time.
    pub fn failed(&self, source: &SourceName, cause: &str, now: UnixMs) -> bool {
        let mut memory = self.memory();
        let before = memory.sources.remove(source).filter(|setback| !setback.is_forgiven(now));
        let failures = before.as_ref().map_or(1, |setback| setback.failures.saturating_add(1));
        let rest = FIRST_REST.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_REST);
        let is_news = before.is_none_or(|setback| setback.cause != cause);
        let setback = Setback { failures, until: now.plus(rest), at: now, cause: cause.to_owned() };
        memory.sources.insert(source.clone(), setback);
        is_news
    }

    /// A first terminal is opened anew.
    pub fn reopened(&self, name: &InstanceName, now: UnixMs) {
        self.memory().reopened.entry(name.clone()).or_default().push(now);
    }

    /// What still counts, of sources and of containers; the rest is forgotten.
    pub fn now(&self, now: UnixMs) -> (HashMap<SourceName, Setback>, HashMap<InstanceName, usize>) {
        let mut memory = self.memory();
        memory.sources.retain(|_, setback| !setback.is_forgiven(now));
        memory.reopened.retain(|_, times| {
            times.retain(|at| at.plus(MINUTE) > now);
            !times.is_empty()
        });
        let reopened =
            memory.reopened.iter().map(|(name, times)| (name.clone(), times.len())).collect();
        (memory.sources.clone(), reopened)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Setback {
    fn is_forgiven(&self, now: UnixMs) -> bool {
        self.at.plus(FORGIVEN).max(self.until) <= now
    }
}

#[cfg(test)]
impl Setback {
    pub fn until(until: UnixMs) -> Self {
        Self { failures: 1, until, at: UnixMs(0), cause: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_five_minutes_and_are_forgiven() {
        let (setbacks, source) = (Setbacks::default(), "shell".parse().unwrap());
        let mut now = UnixMs(1_000_000);
        let mut rests = Vec::new();
        for _ in 0..20 {
            setbacks.failed(&source, "no space", now);
            let until = setbacks.now(now).0[&source].until;
            rests.push(until.since(now).as_secs());
            now = until;
        }
        assert_eq!(rests[..9], [2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert!(rests[9..].iter().all(|rest| *rest == 300), "{rests:?}");
        assert!(setbacks.now(now.plus(FORGIVEN)).0.is_empty());
        setbacks.failed(&source, "no space", now.plus(FORGIVEN));
        assert_eq!(setbacks.now(now.plus(FORGIVEN)).0[&source].failures, 1);
    }

    #[test]
    fn only_a_change_of_cause_is_news() {
        let (setbacks, source) = (Setbacks::default(), "shell".parse().unwrap());
        let said = ["no space", "no space", "no image", "no space"]
            .map(|cause| setbacks.failed(&source, cause, UnixMs(5)));
        assert_eq!(said, [true, false, true, true]);
        assert!(setbacks.failed(&"other".parse().unwrap(), "no space", UnixMs(5)));
    }

    #[test]
    fn openings_count_for_a_minute() {
        let (setbacks, name) = (Setbacks::default(), "tryit-a".parse().unwrap());
        setbacks.reopened(&name, UnixMs(1_000));
        setbacks.reopened(&name, UnixMs(31_000));
        assert_eq!(setbacks.now(UnixMs(60_999)).1[&name], 2);
        assert_eq!(setbacks.now(UnixMs(61_000)).1[&name], 1);
        assert!(setbacks.now(UnixMs(91_000)).1.is_empty());
    }
}
