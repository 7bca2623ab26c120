//! Containers that were given to a session once are nobody else's ever, whatever the database says by now: a copy of it
//! that is older than the claim has them wait in the pool.
//!
//! So each is signed with its session at the server, soon after it was claimed, and what is signed otherwise goes.

use std::time::Duration;

use domain::{EndedReason, InstanceState};
use store::Instance;

use super::{Action, World};

/// The visitor's first moments are not shared with the server's work for this.
const SOON: Duration = Duration::from_secs(1);

/// Those of the pool that are signed are the pool's to discard.
pub fn rule(world: &World) -> Vec<Action> {
    let claimed = world.instances.iter().filter(|row| row.state == InstanceState::Claimed);
    claimed.filter_map(|row| one(world, row)).collect()
}

fn one(world: &World, row: &Instance) -> Option<Action> {
    let session = row.session?;
    match world.signed.get(&row.at.name) {
        Some(signed) if *signed == session => None,
        Some(_) => Some(Action::End(session, EndedReason::ContainerStopped)),
        None => {
            let is_due = row.changed_at.plus(SOON) <= world.now
                && world.reachable
                && !world.busy.contains(&row.at.name);
            is_due.then(|| Action::Sign(row.at.clone(), session))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{SessionId, UnixMs};

    use super::*;
    use crate::reconciler::rules::testing::{claimed, running, world};

    #[test]
    fn what_was_claimed_is_signed_once_and_never_changes_hands() {
        let session = running(UnixMs(1_000));
        let row = claimed(&session);
        let mut world = world(row.changed_at, vec![session.clone()]);
        world.instances = vec![row.clone()];
        assert_eq!(rule(&world), [], "not at once");
        world.now = row.changed_at.plus(SOON);
        assert_eq!(rule(&world), [Action::Sign(row.at.clone(), session.id)]);
        world.reachable = false;
        assert_eq!(rule(&world), []);
        world.reachable = true;
        world.signed.insert(row.at.name.clone(), session.id);
        assert_eq!(rule(&world), []);
        world.signed.insert(row.at.name.clone(), SessionId::random());
        assert_eq!(rule(&world), [Action::End(session.id, EndedReason::ContainerStopped)]);
    }
}
