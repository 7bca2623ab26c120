//! The preview sandbox, on this machine's bubblewrap.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod isolation;
mod lifecycle;
mod run;
mod support;
mod terminal;
