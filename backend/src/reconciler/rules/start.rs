//! Containers that are to be made, and starts that take too long.

use std::time::Duration;

use domain::{EndedReason, InstanceState, SessionState, UnixMs};
use store::Instance;

use super::{Action, World};

/// While the server cannot be reached, or others are made before it, a start's time stands still, but not for longer
/// than this.
const LONGEST: Duration = Duration::from_secs(600);

/// Each `creating` row is brought up; a start that failed too often or takes too long ends its session.
pub fn rule(world: &World) -> Vec<Action> {
    world
        .instances
        .iter()
        .filter(|row| row.state == InstanceState::Creating)
        .filter_map(|row| one(world, row))
        .collect()
}

fn one(world: &World, row: &Instance) -> Option<Action> {
    let session = row.session.and_then(|id| world.sessions.iter().find(|session| session.id == id));
    if let Some(session) = session.filter(|session| session.state == SessionState::Starting)
        && is_hopeless(world, row)
    {
        return Some(Action::End(session.id, EndedReason::StartFailed));
    }
    let is_due = world.reachable && row.retry_at.is_none_or(|at| at <= world.now);
    (is_due && !world.busy.contains(&row.at.name)).then(|| Action::BringUp(Box::new(row.clone())))
}

fn is_hopeless(world: &World, row: &Instance) -> bool {
    let begun = world.begun.get(&row.at.name).copied();
    // Since it is this visitor's: it may have been begun for the pool.
    let since = [Some(row.changed_at), Some(world.served_since), world.back_since, begun];
    let since = since.into_iter().flatten().max().unwrap_or(UnixMs(0));
    // Its turn has not come yet, where many are made before it.
    let waits = begun.is_none() && world.busy.contains(&row.at.name);
    let stands_still = waits || !world.reachable;
    let patience = if stands_still { LONGEST } else { world.settings.start_deadline };
    row.attempts >= world.settings.start_tries || since.plus(patience) <= world.now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconciler::rules::testing::{creating, starting, world};

    #[test]
    fn a_row_is_brought_up_once_at_a_time() {
        let session = starting(UnixMs(1_000));
        let row = creating(&session);
        let mut world = world(UnixMs(2_000), vec![session]);
        world.instances = vec![row.clone()];
        assert_eq!(rule(&world), [Action::BringUp(Box::new(row.clone()))]);
        world.busy.insert(row.at.name.clone());
        assert_eq!(rule(&world), []);
        world.busy.clear();
        world.reachable = false;
        assert_eq!(rule(&world), []);
    }

    #[test]
    fn a_start_is_given_up_after_three_failures_or_two_minutes() {
        let session = starting(UnixMs(1_000));
        let end = [Action::End(session.id, EndedReason::StartFailed)];
        let mut row = creating(&session);
        row.attempts = 3;
        let mut world = world(UnixMs(2_000), vec![session]);
        world.instances = vec![row.clone()];
        assert_eq!(rule(&world), end);
        row.attempts = 0;
        world.instances = vec![row];
        world.now = UnixMs(121_000);
        assert_eq!(rule(&world), end);
        world.reachable = false;
        assert_eq!(rule(&world), [], "its time stands still during an outage");
        world.now = UnixMs(601_000);
        assert_eq!(rule(&world), end);
        world.reachable = true;
        world.back_since = Some(UnixMs(600_000));
        assert_ne!(rule(&world), end, "after an outage it has its whole time");
    }

    #[test]
    fn who_waits_for_many_others_is_not_given_up_for_that() {
        let session = starting(UnixMs(1_000));
        let (row, end) = (creating(&session), [Action::End(session.id, EndedReason::StartFailed)]);
        let mut world = world(UnixMs(200_000), vec![session]);
        world.instances = vec![row.clone()];
        world.busy.insert(row.at.name.clone());
        assert_eq!(rule(&world), [], "its turn has not come");
        world.begun.insert(row.at.name.clone(), UnixMs(190_000));
        assert_eq!(rule(&world), [], "it has its whole time from then on");
        world.now = UnixMs(310_000);
        assert_eq!(rule(&world), end);
    }
}
