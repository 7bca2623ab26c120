//! Whose turn it is to be made. The server makes one container at a time, so the others wait here, where they can be
//! told how many are before them, and where a visitor's goes before those of the pool.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{InstanceName, UnixMs};
use store::Instance;
use tokio::sync::watch;

/// Visitors' containers that are being made at once: one, and one that finds out what to make meanwhile.
const AT_ONCE: usize = 2;

/// Everyone who waits, and who has a turn.
#[derive(Debug, Default)]
pub struct Turns {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeSet<Place>,
    making: usize,
    /// When each container's first turn came.
    begun: HashMap<InstanceName, UnixMs>,
}

/// A place in the order: visitors first, then who came first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_pools: bool,
    since: UnixMs,
    name: InstanceName,
}

/// A wait for a turn; over when it is dropped.
pub struct Waiting<'a> {
    turns: &'a Turns,
    place: Place,
    changes: watch::Receiver<()>,
}

/// A turn; over when it is dropped.
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// Takes a place among those who wait.
    pub fn wait(&self, row: &Instance) -> Waiting<'_> {
        let place = Place {
            is_pools: row.session.is_none(),
            since: row.changed_at,
            name: row.at.name.clone(),
        };
        let changes = self.changed.subscribe();
        self.state().waiting.insert(place.clone());
        Waiting { turns: self, place, changes }
    }

    /// When the first turn of each of these containers came; the others are forgotten.
    pub fn begun<'a>(
        &self,
        wanted: impl Iterator<Item = &'a InstanceName>,
    ) -> HashMap<InstanceName, UnixMs> {
        let wanted: HashSet<_> = wanted.collect();
        let mut state = self.state();
        state.begun.retain(|name, _| wanted.contains(name));
        state.begun.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Waiting<'a> {
    /// The turn, or how many containers are made before.
    pub fn ask(&mut self) -> Result<Turn<'a>, usize> {
        // Whatever changes from here on rings.
        self.changes.borrow_and_update();
        let mut state = self.turns.state();
        let before = state.waiting.range(..&self.place).count();
        // One of the pool never has a visitor wait for more than itself.
        let at_once = if self.place.is_pools { 1 } else { AT_ONCE };
        if before > 0 || state.making >= at_once {
            return Err(before + state.making);
        }
        state.waiting.remove(&self.place);
        state.making += 1;
        state.begun.entry(self.place.name.clone()).or_insert_with(UnixMs::now);
        Ok(Turn(self.turns))
    }

    /// Waits until asking again may be answered otherwise.
    pub async fn changed(&mut self) {
        // The sender lives as long as what is borrowed from it.
        let _ = self.changes.changed().await;
    }

    /// A container of the pool has become a visitor's.
    pub fn promote(&mut self) {
        let mut state = self.turns.state();
        if state.waiting.remove(&self.place) {
            self.place.is_pools = false;
            state.waiting.insert(self.place.clone());
        }
        drop(state);
        self.turns.changed.send_replace(());
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.turns.state().waiting.remove(&self.place) {
            self.turns.changed.send_replace(());
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state().making -= 1;
        self.0.changed.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconciler::rules::testing::{creating, starting, warming};

    fn visitors(at: i64) -> Instance {
        let mut row = creating(&starting(UnixMs(at)));
        row.at.name = format!("tryit-v{at}").parse().unwrap();
        row
    }

    fn pools(at: i64) -> Instance {
        let mut row = warming(UnixMs(at));
        row.at.name = format!("tryit-p{at}").parse().unwrap();
        row
    }

    #[test]
    fn visitors_go_first_and_in_order() {
        let turns = Turns::default();
        let (pool, second, first) = (pools(1), visitors(3), visitors(2));
        let mut pool = turns.wait(&pool);
        let making = pool.ask().expect("nobody else is there");
        let (mut second, mut first) = (turns.wait(&second), turns.wait(&first));
        let mut further = turns.wait(&pools(0));
        assert_eq!(second.ask().err(), Some(2), "the one before, and what is being made");
        assert_eq!(further.ask().err(), Some(3));
        let one = first.ask().expect("a visitor waits for one of the pool at most half");
        assert_eq!(second.ask().err(), Some(2));
        drop(making);
        let other = second.ask().expect("a turn");
        assert_eq!(further.ask().err(), Some(2));
        drop((one, other));
        assert!(further.ask().is_ok());
    }

    #[test]
    fn who_no_longer_waits_is_before_nobody() {
        let turns = Turns::default();
        let (gone, mut there) = (turns.wait(&visitors(1)), turns.wait(&visitors(2)));
        assert_eq!(there.ask().err(), Some(1));
        drop(gone);
        assert!(there.ask().is_ok());
    }

    #[test]
    fn one_that_is_given_to_a_visitor_waits_like_a_visitors() {
        let turns = Turns::default();
        let mut adopted = turns.wait(&pools(5));
        let mut other = turns.wait(&pools(1));
        assert_eq!(adopted.ask().err(), Some(1));
        adopted.promote();
        assert_eq!(other.ask().err(), Some(1));
        let _turn = adopted.ask().expect("a turn");
        assert_eq!(turns.begun([&adopted.place.name].into_iter()).len(), 1);
        assert!(turns.begun([].into_iter()).is_empty());
    }
}
