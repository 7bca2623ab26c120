//! Containers as the database wants them. A row is there before its container is, and until it is surely gone.

mod change;
mod read;

use domain::{InstanceRef, InstanceState, Project, SessionId, SourceName, UnixMs};

/// A container for the pool, to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInstance {
    /// Where.
    pub project: Project,
    /// What from.
    pub source: SourceName,
    /// The source's present generation.
    pub generation: String,
}

/// A container's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Where it is, or will be.
    pub at: InstanceRef,
    /// What it is made from.
    pub source: SourceName,
    /// What the source was when the row was written.
    pub generation: String,
    /// What is wanted of it.
    pub state: InstanceState,
    /// Whose it is, or was.
    pub session: Option<SessionId>,
    /// The cluster member it is on.
    pub location: Option<String>,
    /// When the row was written.
    pub created_at: UnixMs,
    /// When what is wanted of it last changed: a list that began before it says nothing about the row.
    pub changed_at: UnixMs,
    /// When it was ready.
    pub ready_at: Option<UnixMs>,
    /// When it was first seen stopped.
    pub stopped_at: Option<UnixMs>,
    /// Failures since `changed_at`.
    pub attempts: u32,
    /// Not before when to try again.
    pub retry_at: Option<UnixMs>,
    /// The last failure, in words.
    pub last_error: Option<String>,
}

/// What became of a container that is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It is this session's, which runs now.
    Claimed(SessionId),
    /// It waits in the pool.
    Warm,
    /// It is not wanted any more, or was ready before.
    Unwanted,
}
