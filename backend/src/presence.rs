//! When those who wait in the queue were last heard of, to the second.
//!
//! The rows have it too, so that it outlives the process; there it is written a few times a minute at most.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{SessionId, UnixMs};

/// The services note who was heard of, the reconciler asks. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Presence(Arc<Mutex<HashMap<SessionId, UnixMs>>>);

impl Presence {
    /// Somebody who waits was heard of.
    pub fn heard_of(&self, id: SessionId, now: UnixMs) {
        self.lock().insert(id, now);
    }

    /// When each of those who wait was heard of last, as far as it is known here. All others are forgotten.
    pub fn of(&self, waiting: impl Iterator<Item = SessionId>) -> HashMap<SessionId, UnixMs> {
        let mut heard_of = self.lock();
        let known =
            waiting.filter_map(|id| Some((id, *heard_of.get(&id)?))).collect::<HashMap<_, _>>();
        heard_of.clone_from(&known);
        known
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, UnixMs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_no_longer_is_forgotten() {
        let presence = Presence::default();
        let [stays, leaves] = [SessionId::random(), SessionId::random()];
        presence.heard_of(stays, UnixMs(1));
        presence.heard_of(leaves, UnixMs(2));
        presence.heard_of(stays, UnixMs(3));
        let unknown = SessionId::random();
        let known = HashMap::from([(stays, UnixMs(3))]);
        assert_eq!(presence.of([stays, unknown].into_iter()), known);
        assert_eq!(presence.of([stays, leaves].into_iter()), known);
    }
}
