//! Containers that are not wanted any more.

use domain::InstanceState;
use store::Instance;
use terminal::CloseReason;

use super::{Action, World};

/// Retried until the server confirms. An outage is no reason to wait: browsers are let go at once, and the server
/// is asked again each time the row is due.
pub fn rule(world: &World) -> Vec<Action> {
    let rows = world.instances.iter().filter(|row| row.state == InstanceState::Deleting);
    let due = rows.filter(|row| row.retry_at.is_none_or(|at| at <= world.now));
    due.map(|row| match world.busy.contains(&row.at.name) {
        true => Action::GiveUp(row.at.name.clone()),
        false => Action::Delete(Box::new(row.clone()), reason(world, row)),
    })
    .collect()
}

fn reason(world: &World, row: &Instance) -> CloseReason {
    let lives = world.sessions.iter().any(|session| Some(session.id) == row.session);
    if lives { CloseReason::Reset } else { CloseReason::SessionEnded }
}

#[cfg(test)]
mod tests {
    use domain::UnixMs;

    use super::*;
    use crate::reconciler::rules::testing::{claimed, running, world};

    #[test]
    fn an_unwanted_container_is_deleted_when_its_row_is_due() {
        let session = running(UnixMs(1_000));
        let mut row = claimed(&session);
        row.state = InstanceState::Deleting;
        row.retry_at = Some(UnixMs(5_000));
        let mut world = world(UnixMs(4_000), Vec::new());
        world.instances = vec![row.clone()];
        assert_eq!(rule(&world), []);
        world.now = UnixMs(5_000);
        assert_eq!(
            rule(&world),
            [Action::Delete(Box::new(row.clone()), CloseReason::SessionEnded)]
        );
        world.sessions = vec![session];
        assert_eq!(rule(&world), [Action::Delete(Box::new(row.clone()), CloseReason::Reset)]);
        world.busy.insert(row.at.name.clone());
        assert_eq!(rule(&world), [Action::GiveUp(row.at.name)]);
    }
}
