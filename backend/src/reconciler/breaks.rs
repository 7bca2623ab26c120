//! A server that says what it has and breaks off what it is asked to do, as LXD does while it shuts down: for a while
//! it counts as away.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::UnixMs;

/// For so long after it broke something off. Then the next start tries it.
const AWAY: Duration = Duration::from_secs(5);

/// What the server broke off last.
#[derive(Debug, Default)]
pub struct Breaks(Mutex<Option<(UnixMs, String)>>);

impl Breaks {
    /// The server broke something off.
    pub fn note(&self, why: &str, now: UnixMs) {
        *self.last() = Some((now, why.to_owned()));
    }

    /// Why the server counts as away now, whatever it lists.
    pub fn now(&self, now: UnixMs) -> Option<String> {
        let last = self.last();
        let (_, why) = last.as_ref().filter(|(at, _)| at.plus(AWAY) > now)?;
        Some(why.clone())
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<(UnixMs, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_broken_off_counts_for_a_while() {
        let breaks = Breaks::default();
        assert_eq!(breaks.now(UnixMs(1_000)), None);
        breaks.note("LXD is shutting down", UnixMs(1_000));
        assert_eq!(breaks.now(UnixMs(5_999)).as_deref(), Some("LXD is shutting down"));
        assert_eq!(breaks.now(UnixMs(6_000)), None);
    }
}
