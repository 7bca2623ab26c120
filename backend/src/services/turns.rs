//! One at a time for each session: what would get in its own way, or be too much, if it were asked for many times at
//! once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use domain::SessionId;

/// The sessions that have their turn now.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<HashSet<SessionId>>>);

/// A session's turn; over when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    id: SessionId,
}

impl Turns {
    /// The session's turn; none while it has one.
    pub(super) fn take(&self, id: SessionId) -> Option<Turn> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        taken.then(|| Turn { turns: self.clone(), id })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_one_turn_at_a_time() {
        let (turns, one, other) = (Turns::default(), SessionId::random(), SessionId::random());
        let turn = turns.take(one).expect("a turn");
        assert!(turns.take(one).is_none());
        assert!(turns.take(other).is_some());
        drop(turn);
        assert!(turns.take(one).is_some());
    }
}
