//! The queue: who has gone loses the place in it, an offer that nobody takes lapses, and a place that is free is
//! offered to whoever is next.

use std::time::Duration;

use domain::{InstanceState, SessionState, UnixMs};
use store::{Lost, Session};

use super::{Action, World};

/// Who waits is asked to give a sign of life more often than this: a page does so by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who has gone and what has lapsed goes first, whatever the server does. Nothing is offered that could not be had:
/// while the server cannot be reached, or the operator has closed the service. Those who wait keep their places then,
/// and what was offered before can still be taken: it was promised.
pub fn rule(world: &World) -> Vec<Action> {
    let lost = world.sessions.iter().filter_map(|session| lost(world, session));
    lost.chain(offer(world)).collect()
}

/// Both deadlines count from the later of the row's own time and the moment that this process began to serve: a
/// restart takes away nobody's place.
fn lost(world: &World, session: &Session) -> Option<Action> {
    let served = |since: UnixMs, patience| since.max(world.served_since).plus(patience);
    let (deadline, lost) = match session.state {
        SessionState::Queued => {
            let last_seen_at = session.last_seen_at;
            let heard_of =
                world.heard_of.get(&session.id).map_or(last_seen_at, |at| last_seen_at.max(*at));
            (served(heard_of, PATIENCE), Lost::Left { last_seen_at })
        }
        SessionState::Offered => {
            // What was promised holds, whatever `claim` has been changed to since.
            let hold = world.settings.claim;
            (session.offer_until?.max(world.served_since.plus(hold)), Lost::Lapsed)
        }
        _ => return None,
    };
    (deadline <= world.now).then_some(Action::Lose(session.id, lost))
}

/// Whether there is something to offer. How much, and to whom, is counted where it is written.
fn offer(world: &World) -> Option<Action> {
    let (waiting, holding): (Vec<_>, Vec<_>) =
        world.sessions.iter().partition(|session| session.state == SessionState::Queued);
    // A container that is being deleted keeps its place until it is gone.
    let rows = world.instances.iter().filter(|row| row.state == InstanceState::Deleting);
    let leaving = rows.filter(|row| row.session.is_some());
    let used = holding.len() + leaving.count();
    let max = world.settings.places;
    let is_free = usize::try_from(max).is_ok_and(|max| used < max);
    let can_be_had = world.reachable && !world.maintenance;
    let offer = Action::Offer { max, hold: world.settings.claim };
    (!waiting.is_empty() && is_free && can_be_had).then_some(offer)
}

#[cfg(test)]
mod tests {
    use store::Instance;

    use super::*;
    use crate::reconciler::rules::testing::{claimed, offered, queued, running, world};

    const OFFER: Action = Action::Offer { max: 1, hold: Duration::from_secs(60) };

    fn full(session: Session) -> World {
        let mut world = world(UnixMs(1_010_000), vec![running(UnixMs(1_000_000)), session]);
        world.settings.places = 1;
        world
    }

    #[test]
    fn a_place_is_offered_when_it_is_free() {
        let mut world = full(queued(UnixMs(1_000_000)));
        assert_eq!(rule(&world), []);
        let gone = world.sessions.remove(0);
        let leaving = Instance { state: InstanceState::Deleting, ..claimed(&gone) };
        world.instances = vec![leaving];
        assert_eq!(rule(&world), [], "its container is still there");
        world.instances.clear();
        assert_eq!(rule(&world), [OFFER]);
        world.sessions.push(offered(UnixMs(1_009_000)));
        assert_eq!(rule(&world), [], "what is offered is taken");
    }

    #[test]
    fn nothing_is_offered_that_could_not_be_had() {
        let mut world = full(queued(UnixMs(1_000_000)));
        world.sessions.remove(0);
        world.reachable = false;
        assert_eq!(rule(&world), []);
        world.reachable = true;
        world.maintenance = true;
        assert_eq!(rule(&world), []);
        world.maintenance = false;
        assert_eq!(rule(&world), [OFFER]);
        world.sessions.clear();
        assert_eq!(rule(&world), [], "nobody waits");
    }

    #[test]
    fn who_was_not_seen_for_thirty_seconds_has_left_the_queue() {
        let mut session = queued(UnixMs(1_000_000));
        session.last_seen_at = UnixMs(1_005_000);
        let left = Lost::Left { last_seen_at: session.last_seen_at };
        let lose = [Action::Lose(session.id, left)];
        let mut world = full(session);
        world.now = UnixMs(1_034_999);
        assert_eq!(rule(&world), []);
        world.now = UnixMs(1_035_000);
        world.reachable = false;
        world.maintenance = true;
        assert_eq!(rule(&world), lose, "whatever the server does");
        world.served_since = UnixMs(1_034_000);
        assert_eq!(rule(&world), [], "a restart gives everybody the whole time again");
        world.now = UnixMs(1_064_000);
        assert_eq!(rule(&world), lose);
        world.heard_of.insert(world.sessions[1].id, UnixMs(1_034_001));
        assert_eq!(rule(&world), [], "what was not written down counts as well");
        world.now = UnixMs(1_064_001);
        assert_eq!(rule(&world), lose);
    }

    #[test]
    fn an_offer_lapses_when_its_time_is_over() {
        let session = offered(UnixMs(1_000_000));
        let lose = [Action::Lose(session.id, Lost::Lapsed)];
        let mut world = full(session);
        world.now = UnixMs(1_059_999);
        assert_eq!(rule(&world), []);
        world.now = UnixMs(1_060_000);
        world.reachable = false;
        assert_eq!(rule(&world), lose, "whatever the server does");
        world.served_since = UnixMs(1_059_000);
        assert_eq!(rule(&world), [], "a restart gives everybody the whole time again");
        world.now = UnixMs(1_119_000);
        assert_eq!(rule(&world), lose);
    }
}
