//! What a rule wants done.

use std::time::Duration;

use domain::{EndedReason, InstanceName, InstanceRef, SessionId, UnixMs};
use store::{Instance, Lost, NewInstance};
use terminal::CloseReason;

/// One thing to do. Each is right to do twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// End a session; its container is to be deleted with it.
    End(SessionId, EndedReason),
    /// End a session that has lost its place in the queue, unless it came back or claimed meanwhile.
    Lose(SessionId, Lost),
    /// Offer what is free of so many places, to whoever waits, for so long.
    Offer {
        /// Places there are.
        max: u32,
        /// How long each is kept.
        hold: Duration,
    },
    /// A browser of the session has attached for the first time.
    Attached(SessionId, UnixMs),
    /// A browser of the session is attached.
    Seen(SessionId, UnixMs),
    /// Something was typed.
    Typed(SessionId, UnixMs),
    /// Make a container ready: create, start, prepare, open its first terminal.
    BringUp(Box<Instance>),
    /// It is to be deleted and a task works on it: whatever only prepares it is left off.
    GiveUp(InstanceName),
    /// Let its browsers go, delete it, and remove its row when it is gone.
    Delete(Box<Instance>, CloseReason),
    /// A list lacks the container of a session: end the session if the server says so of this one, too.
    Missing(SessionId, InstanceRef),
    /// Note at the server which session a container was given to.
    Sign(InstanceRef, SessionId),
    /// Delete a container of ours that has no row.
    DeleteOrphan(InstanceRef),
    /// The container was seen stopped.
    NoteStopped(InstanceName),
    /// It runs again.
    ForgetStopped(InstanceName),
    /// Make a container for the pool.
    Warm(NewInstance),
    /// Take a container out of the pool.
    Discard(Box<Instance>, Why),
    /// Open the first terminal of a container that waits.
    OpenFirst(Box<Instance>),
}

/// Why a container is no longer to wait in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The service is closed.
    Maintenance,
    /// Its source is not configured any more.
    NoSource,
    /// Its source is another one by now.
    OtherGeneration,
    /// A younger one has taken its place.
    TooOld,
    /// There are more than there are to be.
    Surplus,
    /// It was stopped.
    Stopped,
    /// It was deleted.
    Gone,
    /// Its first terminal does not stay open.
    NoTerminal,
    /// It was a visitor's: the database is an older copy.
    Used,
}

impl Why {
    /// In words, of a container.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Maintenance => "the service is closed for maintenance",
            Self::NoSource => "its source is not configured any more",
            Self::OtherGeneration => "its source has changed",
            Self::TooOld => "it is too old",
            Self::Surplus => "the pool is larger than it is to be",
            Self::Stopped => "it was stopped",
            Self::Gone => "it is gone",
            Self::NoTerminal => "its terminal does not stay open",
            Self::Used => {
                "a visitor had it, of whom this database knows nothing: is it an older copy?"
            }
        }
    }

    /// Whether another one made from the same may end the same way at once.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Stopped | Self::Gone | Self::NoTerminal)
    }
}
