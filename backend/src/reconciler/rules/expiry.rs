//! Time is up.

use domain::EndedReason;

use super::{Action, World};

/// `expires_at` counts whatever the server does; it is empty until the session has run.
pub fn rule(world: &World) -> Vec<Action> {
    let expired = world
        .sessions
        .iter()
        .filter(|session| session.expires_at.is_some_and(|at| at <= world.now));
    expired.map(|session| Action::End(session.id, EndedReason::Expired)).collect()
}

#[cfg(test)]
mod tests {
    use domain::UnixMs;

    use super::*;
    use crate::reconciler::rules::testing::{running, world};

    #[test]
    fn a_session_ends_when_its_time_is_up_and_not_before() {
        let mut session = running(UnixMs(1_000));
        session.expires_at = Some(UnixMs(5_000));
        let mut world = world(UnixMs(4_999), vec![session.clone()]);
        assert_eq!(rule(&world), []);
        world.now = UnixMs(5_000);
        world.reachable = false;
        assert_eq!(rule(&world), [Action::End(session.id, EndedReason::Expired)]);
    }
}
