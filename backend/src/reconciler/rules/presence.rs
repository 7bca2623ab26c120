//! Who is there: keeps the rows' memory of browsers and input; ends what nobody came to, or nobody is at any more.

use domain::{EndedReason, SessionState, UnixMs};
use store::Session;

use super::{Action, World};

/// Every deadline here counts from the later of the row's own time and the moment that this process began to serve.
pub fn rule(world: &World) -> Vec<Action> {
    world
        .sessions
        .iter()
        .filter(|session| session.state == SessionState::Running)
        .flat_map(|s| one(world, s))
        .collect()
}

fn one(world: &World, session: &Session) -> Vec<Action> {
    let activity = world.activity.get(&session.id).copied().unwrap_or_default();
    let mut actions = Vec::new();
    if let Some(at) = activity.first_attached.filter(|_| session.first_attached_at.is_none()) {
        actions.push(Action::Attached(session.id, at));
    }
    if let Some(at) = activity.last_attached.filter(|at| session.is_due_to_be_seen(*at)) {
        actions.push(Action::Seen(session.id, at));
    }
    if let Some(at) =
        activity.last_input.filter(|at| session.last_input_at.is_none_or(|known| *at > known))
    {
        actions.push(Action::Typed(session.id, at));
    }
    let served = |at: UnixMs| at.max(world.served_since);
    let attached_before = session.first_attached_at.is_some() || activity.first_attached.is_some();
    if !attached_before {
        let since = served(session.running_at.unwrap_or(session.created_at));
        // Nobody could attach during an outage.
        let since = since.max(world.back_since.unwrap_or(since));
        if world.reachable && since.plus(world.settings.no_show) <= world.now {
            actions.push(Action::End(session.id, EndedReason::Abandoned));
        }
    } else if activity.attached == 0 {
        let last = [
            Some(session.last_seen_at),
            session.last_input_at,
            activity.last_attached,
            activity.last_input,
        ];
        let since = served(last.into_iter().flatten().max().unwrap_or(session.created_at));
        if since.plus(world.settings.idle) <= world.now {
            actions.push(Action::End(session.id, EndedReason::Idle));
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use terminal::Activity;

    use super::*;
    use crate::reconciler::rules::testing::{running, world};

    #[test]
    fn a_session_that_nobody_came_to_ends() {
        let session = running(UnixMs(1_000_000));
        let mut world = world(UnixMs(1_059_000), vec![session.clone()]);
        assert_eq!(rule(&world), []);
        world.now = UnixMs(1_060_000);
        assert_eq!(rule(&world), [Action::End(session.id, EndedReason::Abandoned)]);
        world.served_since = UnixMs(1_030_000);
        assert_eq!(rule(&world), [], "a restart gives everybody the whole time again");
        world.now = UnixMs(1_090_000);
        world.reachable = false;
        assert_eq!(rule(&world), [], "nobody could come");
        world.reachable = true;
        world.back_since = Some(UnixMs(1_089_000));
        assert_eq!(rule(&world), [], "an outage does so too");
        world.back_since = None;
        assert_eq!(rule(&world), [Action::End(session.id, EndedReason::Abandoned)]);
        world.activity.insert(
            session.id,
            Activity { first_attached: Some(world.now), ..Activity::default() },
        );
        assert_eq!(rule(&world), [Action::Attached(session.id, world.now)]);
    }

    #[test]
    fn a_session_that_nobody_is_at_any_more_ends() {
        let mut session = running(UnixMs(1_000_000));
        session.first_attached_at = Some(UnixMs(1_001_000));
        session.last_seen_at = UnixMs(2_000_000);
        session.expires_at = Some(UnixMs(90_000_000));
        let mut world =
            world(UnixMs(2_000_000).plus(Duration::from_secs(899)), vec![session.clone()]);
        assert_eq!(rule(&world), []);
        world.now = UnixMs(2_000_000).plus(Duration::from_secs(900));
        assert_eq!(rule(&world), [Action::End(session.id, EndedReason::Idle)]);
        let attached =
            Activity { attached: 1, last_attached: Some(world.now), ..Activity::default() };
        world.activity.insert(session.id, attached);
        assert_eq!(rule(&world), [Action::Seen(session.id, world.now)]);
        world.sessions[0].last_seen_at = UnixMs(world.now.0 - 9_999);
        assert_eq!(rule(&world), [], "it was written a moment ago");
    }
}
