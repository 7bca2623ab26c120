//! What follows from what is. Each rule is a pure function of the world.

mod deletion;
mod expiry;
mod orphan;
mod presence;
mod start;
mod stopped;
#[cfg(test)]
mod testing;

use super::{action::Action, world::World};

pub use orphan::orphans;

/// Everything to be done now, in this order.
pub fn plan(world: &World) -> Vec<Action> {
    [presence::rule, expiry::rule, start::rule, stopped::rule, deletion::rule, orphan::rule]
        .iter()
        .flat_map(|rule| rule(world))
        .collect()
}
