//! Containers of ours that have no row: what a crash between two writes could never leave, but a restored database can.

use std::time::Duration;

use provider::Observed;

use super::{Action, World};

/// A container this young may be one whose row was read before it was written.
const YOUNG: Duration = Duration::from_secs(60);

/// Deletes them. Those with another mark or none are never touched.
pub fn rule(world: &World) -> Vec<Action> {
    let old = orphans(world).filter(|seen| seen.created_at.plus(YOUNG) <= world.now);
    old.map(|seen| Action::DeleteOrphan(seen.instance.clone())).collect()
}

/// Containers with our mark that have no row now and had none when the list was asked for.
pub fn orphans(world: &World) -> impl Iterator<Item = &Observed> {
    world.listing.iter().flat_map(|listing| {
        let ours = listing.instances.iter().filter(|seen| seen.mark == Some(world.mark));
        ours.filter(|seen| {
            !world.busy.contains(&seen.instance.name)
                && !listing.had_rows.contains(&seen.instance)
                && !world.instances.iter().any(|row| row.at == seen.instance)
        })
    })
}

#[cfg(test)]
mod tests {
    use domain::{ServerId, UnixMs};
    use provider::InstanceStatus;

    use super::*;
    use crate::reconciler::rules::testing::{claimed, listing, running, seen, world};

    #[test]
    fn only_our_own_without_a_row_and_not_young_are_deleted() {
        let row = claimed(&running(UnixMs(1_000)));
        let mut world = world(UnixMs(100_000), Vec::new());
        let mut ours = seen(&row, InstanceStatus::Running);
        ours.mark = Some(world.mark);
        ours.created_at = UnixMs(40_000);
        let young = Observed { created_at: UnixMs(40_001), ..ours.clone() };
        let foreign = Observed { mark: Some(ServerId::random()), ..ours.clone() };
        let unmarked = Observed { mark: None, ..ours.clone() };
        world.listing = Some(listing(UnixMs(99_000), [young, foreign, unmarked]));
        assert_eq!(rule(&world), []);
        world.listing = Some(listing(UnixMs(99_000), [ours]));
        assert_eq!(rule(&world), [Action::DeleteOrphan(row.at.clone())]);
        world.instances = vec![row.clone()];
        assert_eq!(rule(&world), []);
        world.instances.clear();
        world.listing.as_mut().unwrap().had_rows.insert(row.at);
        assert_eq!(rule(&world), [], "it was deleted while the server answered");
    }
}
