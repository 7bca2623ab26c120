//! A container that waits has its first terminal open: one whose shell ended, or was lost with the connection, is
//! opened again. One that does not stay open is no good.

use domain::InstanceState;

use super::{Action, World};
use crate::reconciler::action::Why;

/// So many openings within a minute are enough.
const TRIES: usize = 2;

/// After a restart of the service all of them were lost.
pub fn rule(world: &World) -> Vec<Action> {
    if !world.reachable || world.maintenance {
        return Vec::new();
    }
    let warm = world.instances.iter().filter(|row| row.state == InstanceState::Warm);
    warm.filter(|row| !world.open.contains(&row.at.name) && !world.busy.contains(&row.at.name))
        .map(|row| match world.reopened.get(&row.at.name) {
            Some(times) if *times >= TRIES => {
                Action::Discard(Box::new(row.clone()), Why::NoTerminal)
            }
            _ => Action::OpenFirst(Box::new(row.clone())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::UnixMs;

    use super::*;
    use crate::reconciler::rules::testing::{warm, world};

    #[test]
    fn a_terminal_that_is_not_open_is_opened_twice_and_then_the_container_goes() {
        let row = warm(UnixMs(1_000));
        let mut world = world(UnixMs(2_000), Vec::new());
        world.instances = vec![row.clone()];
        let open = [Action::OpenFirst(Box::new(row.clone()))];
        assert_eq!(rule(&world), open);
        world.reopened.insert(row.at.name.clone(), 1);
        assert_eq!(rule(&world), open);
        world.reopened.insert(row.at.name.clone(), 2);
        assert_eq!(rule(&world), [Action::Discard(Box::new(row.clone()), Why::NoTerminal)]);
        world.open.insert(row.at.name.clone());
        assert_eq!(rule(&world), []);
    }

    #[test]
    fn nothing_is_opened_while_it_cannot_be() {
        let row = warm(UnixMs(1_000));
        let mut world = world(UnixMs(2_000), Vec::new());
        world.instances = vec![row.clone()];
        world.reachable = false;
        assert_eq!(rule(&world), []);
        world.reachable = true;
        world.busy.insert(row.at.name.clone());
        assert_eq!(rule(&world), []);
    }
}
