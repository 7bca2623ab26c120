//! What crosses HTTP: the JSON of the API, the text frames of the terminal protocol, the blocks of a tutorial.
//!
//! The page and the backend both build against these types, so a name is changed in one place or not at all.
//! Absent means none: optional keys are left out, `null` is never sent. Times are RFC 3339 in UTC with
//! milliseconds; durations end in `_ms` or `_seconds`.

pub mod error;
pub mod feedback;
mod flat;
pub mod operator;
pub mod session;
pub mod statistics;
pub mod status;
pub mod terminal;
pub mod tutorial;

pub use error::{ErrorBody, ErrorCode, ErrorEnvelope};

/// Where the API is mounted.
pub const API: &str = "/api/v1";
