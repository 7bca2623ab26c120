//! What a rule wants done.

use domain::{EndedReason, InstanceName, InstanceRef, SessionId, UnixMs};
use store::Instance;
use terminal::CloseReason;

/// One thing to do. Each is right to do twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// End a session; its container is to be deleted with it.
    End(SessionId, EndedReason),
    /// A browser of the session is attached.
    Seen(SessionId, UnixMs),
    /// Something was typed.
    Typed(SessionId, UnixMs),
    /// Make a container ready: create, start, prepare, open its first terminal.
    BringUp(Box<Instance>),
    /// Let its browsers go, delete it, and remove its row when it is gone.
    Delete(Box<Instance>, CloseReason),
    /// Delete a container of ours that has no row.
    DeleteOrphan(InstanceRef),
    /// The container was seen stopped.
    NoteStopped(InstanceName),
    /// It runs again.
    ForgetStopped(InstanceName),
}
