//! The production path on port 0, with a real database and a real LXD: the private daemon whose socket
//! `TRYIT_TEST_LXD_SOCKET` names (`scripts/lxd-private`).

mod admission;
mod attack;
mod attempts;
mod browser_rules;
mod copies;
mod database;
mod disk_full;
mod drain;
mod ending;
mod exhaustion;
mod feedback;
mod full_pool;
mod hanging;
mod interrupt;
mod isolation;
mod kill;
mod lifecycle;
mod operators;
mod orphans;
mod outage;
mod pool;
mod pool_faults;
mod queue;
mod queue_outage;
mod reload;
mod requests;
mod resets;
mod sources;
mod statistics;
mod steps;
mod support;
mod terminals;
mod tutorials;
mod tutorials_change;
mod watching;
