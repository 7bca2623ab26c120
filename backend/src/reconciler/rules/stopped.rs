//! Containers that went away or were shut down under a running session. A visitor's own `reboot` does not end it.

use std::time::Duration;

use domain::{EndedReason, InstanceState, UnixMs};
use provider::InstanceStatus;
use store::Instance;

use super::{Action, World};
use crate::reconciler::looking::Listing;

/// A container that is restarted is stopped for less than this.
const GRACE: Duration = Duration::from_secs(10);
/// After the server itself was away its containers may take longer to come back.
const GRACE_AFTER_OUTAGE: Duration = Duration::from_secs(60);

/// Absence counts only from a list that began after the row's last change.
pub fn rule(world: &World) -> Vec<Action> {
    // Between two lists nothing new is known, so nothing is ended.
    let Some(listing) = &world.listing else { return Vec::new() };
    let rows = world.instances.iter().filter(|row| row.state == InstanceState::Claimed);
    let rows =
        rows.filter(|row| listing.began_at > row.changed_at && !world.busy.contains(&row.at.name));
    rows.filter_map(|row| one(world, listing, row)).collect()
}

fn one(world: &World, listing: &Listing, row: &Instance) -> Option<Action> {
    let session = row.session?;
    let status =
        listing.instances.iter().find(|seen| seen.instance == row.at).map(|seen| seen.status);
    match (status, row.stopped_at) {
        (None, _) => Some(Action::Missing(session, row.at.clone())),
        (Some(InstanceStatus::Stopped), None) => Some(Action::NoteStopped(row.at.name.clone())),
        (Some(InstanceStatus::Stopped), Some(at)) => {
            is_over(world, at).then_some(Action::End(session, EndedReason::ContainerStopped))
        }
        (Some(InstanceStatus::Running), Some(_)) => {
            Some(Action::ForgetStopped(row.at.name.clone()))
        }
        (Some(InstanceStatus::Running | InstanceStatus::Unknown), _) => None,
    }
}

fn is_over(world: &World, stopped_at: UnixMs) -> bool {
    let is_fresh = |since: UnixMs| since.plus(GRACE_AFTER_OUTAGE) > world.now;
    let grace = if world.back_since.is_some_and(is_fresh) { GRACE_AFTER_OUTAGE } else { GRACE };
    stopped_at.plus(grace) <= world.now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconciler::rules::testing::{claimed, listing, running, seen, world};

    #[test]
    fn a_container_that_is_gone_ends_its_session() {
        let session = running(UnixMs(1_000));
        let row = claimed(&session);
        let mut world = world(UnixMs(9_000), vec![session.clone()]);
        world.instances = vec![row.clone()];
        assert_eq!(rule(&world), [], "no list says nothing");
        world.listing = Some(listing(row.changed_at, []));
        assert_eq!(rule(&world), [], "a list from before the row's change says nothing");
        world.listing = Some(listing(UnixMs(8_000), []));
        assert_eq!(rule(&world), [Action::Missing(session.id, row.at.clone())]);
    }

    #[test]
    fn a_reboot_does_not() {
        let session = running(UnixMs(1_000));
        let mut row = claimed(&session);
        let mut world = world(UnixMs(9_000), vec![session.clone()]);
        world.instances = vec![row.clone()];
        world.listing = Some(listing(UnixMs(8_000), [seen(&row, InstanceStatus::Stopped)]));
        assert_eq!(rule(&world), [Action::NoteStopped(row.at.name.clone())]);
        row.stopped_at = Some(UnixMs(9_000));
        world.instances = vec![row.clone()];
        world.now = UnixMs(18_000);
        assert_eq!(rule(&world), []);
        world.listing = Some(listing(UnixMs(17_000), [seen(&row, InstanceStatus::Running)]));
        assert_eq!(rule(&world), [Action::ForgetStopped(row.at.name.clone())]);
    }

    #[test]
    fn a_shutdown_does_after_a_while_which_is_longer_after_an_outage() {
        let session = running(UnixMs(1_000));
        let mut row = claimed(&session);
        row.stopped_at = Some(UnixMs(9_000));
        let mut world = world(UnixMs(19_000), vec![session.clone()]);
        world.listing = Some(listing(UnixMs(18_500), [seen(&row, InstanceStatus::Stopped)]));
        world.instances = vec![row];
        let end = [Action::End(session.id, EndedReason::ContainerStopped)];
        assert_eq!(rule(&world), end);
        world.back_since = Some(UnixMs(8_000));
        assert_eq!(rule(&world), []);
        world.now = UnixMs(69_000);
        assert_eq!(rule(&world), end);
    }
}
