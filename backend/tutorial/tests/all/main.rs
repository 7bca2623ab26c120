//! Everything that is tested through the crate's public face, in one binary.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod catalog;
mod disk;
mod index;
mod markdown;
mod properties;
mod sanitised;
mod shipped;
mod support;
mod traps;
