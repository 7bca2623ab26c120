//! What follows from what is. Each rule is a pure function of the world.

mod deletion;
mod expiry;
mod first_terminal;
mod orphan;
mod pool;
mod presence;
mod queue;
mod signature;
mod start;
mod stopped;
#[cfg(test)]
pub(super) mod testing;

use super::{action::Action, world::World};

pub use orphan::orphans;

/// Everything to be done now, in this order.
pub fn plan(world: &World) -> Vec<Action> {
    const RULES: &[fn(&World) -> Vec<Action>] = &[
        presence::rule,
        expiry::rule,
        queue::rule,
        start::rule,
        stopped::rule,
        signature::rule,
        pool::rule,
        first_terminal::rule,
        deletion::rule,
        orphan::rule,
    ];
    RULES.iter().flat_map(|rule| rule(world)).collect()
}
