//! The provider against a real LXD or Incus: the daemon whose unix socket `TRYIT_TEST_LXD_SOCKET` names, as
//! `scripts/lxd-private env` prints it.
//!
//! Each test has containers of its own, which are deleted whether it passes or not.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod burst;
mod events;
mod exec;
mod https;
mod lifecycle;
mod outage;
mod outward;
mod relay;
mod remote;
mod run;
mod security;
mod setup;
mod setup_changes;
mod sources;
mod support;
