//! A session's states, and why it ends.

use std::{fmt, str::FromStr};

use crate::id::InvalidId;

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$vdoc])* $variant,)* }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that the database keeps.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = InvalidId;

            fn from_str(word: &str) -> Result<Self, InvalidId> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(InvalidId(concat!("unknown ", stringify!($type)))),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a session is in its life.
    SessionState {
        /// Waits for a place.
        Queued = "queued",
        /// A place is held for the visitor to claim.
        Offered = "offered",
        /// The container is being made.
        Starting = "starting",
        /// The container is the visitor's.
        Running = "running",
        /// Over.
        Ended = "ended",
    }
}

words! {
    /// Why a session ended.
    EndedReason {
        /// Its time was up.
        Expired = "expired",
        /// The visitor ended it.
        EndedByVisitor = "ended_by_visitor",
        /// An operator ended it.
        EndedByOperator = "ended_by_operator",
        /// The container could not be made.
        StartFailed = "start_failed",
        /// Nobody attached in time.
        Abandoned = "abandoned",
        /// Nobody was there for too long.
        Idle = "idle",
        /// The container went away or was shut down.
        ContainerStopped = "container_stopped",
        /// The visitor left the queue.
        LeftQueue = "left_queue",
        /// The offered place was not claimed.
        OfferLapsed = "offer_lapsed",
        /// Misuse was detected.
        Abuse = "abuse",
    }
}

words! {
    /// How far the tutorial's assets and scripts are.
    Setup {
        /// Not begun.
        Pending = "pending",
        /// Under way.
        Running = "running",
        /// All done.
        Done = "done",
        /// Something failed; the session goes on.
        Failed = "failed",
    }
}

words! {
    /// What is being done while a session is starting.
    PhaseStep {
        /// The container is made from its image.
        Creating = "creating",
        /// It boots.
        Starting = "starting",
        /// Its `ready` command has not succeeded yet.
        Preparing = "preparing",
        /// The terminal is being opened.
        Opening = "opening",
    }
}

/// How far a start is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// What is being done.
    pub step: PhaseStep,
    /// The same in words, with what LXD reports.
    pub message: String,
    /// Of this step, where LXD says it.
    pub percent: Option<u8>,
}

impl SessionState {
    /// Whether the session still counts against its address.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for state in SessionState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        for reason in EndedReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
        assert!("asleep".parse::<SessionState>().is_err());
    }
}
