//! Terminals that the service owns, not the browser: each is a command in a container, a ring buffer of its recent
//! output with byte numbers, and the browsers attached to it.
//!
//! A terminal is known by container and number, so that giving a warm container to a session moves nothing. The
//! crate knows nothing of HTTP: [`Terminals::attach`] answers an [`Attachment`], a pair of ends to pull events from
//! and to put commands into. What a terminal does is decided by a state machine without clock, task or channel
//! (`core`); `run` and `pump` put a lock, wake-ups and the exec around it.

mod attachment;
mod core;
mod epoch;
mod error;
mod event;
mod pump;
mod registry;
mod run;
mod settings;
mod status;
mod terminals;
mod usage;

pub use attachment::{Attachment, Commands, Events};
pub use epoch::{Epoch, NotAnEpoch};
pub use error::{AttachError, Detached, OpenError, TypeError};
pub use event::{
    Attach, BrowserCommand, CloseReason, Hello, Notice, Role, ServerEvent, Since, Size,
};
pub use settings::{InvalidSettings, Settings};
pub use status::{Activity, TerminalKey, TerminalState, TerminalStatus};
pub use terminals::Terminals;

/// Browsers that a terminal has at once; one more takes the place of the oldest. Watchers have as many of their own.
pub const MAX_BROWSERS: usize = 4;

/// The largest [`ServerEvent::Output`] and [`BrowserCommand::Input`].
pub const MAX_FRAME: usize = 64 * 1024;

/// Input of one browser that may wait for the program, in bytes; more closes it with [`CloseReason::TooMuchInput`].
pub const MAX_WAITING_INPUT: usize = 256 * 1024;
