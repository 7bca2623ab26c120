//! What can go wrong with a terminal.

use std::sync::Arc;

/// Why a terminal's command could not be started. Everyone who waited for the same try gets the same answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// The provider could not start it.
    #[error(transparent)]
    Provider(Arc<provider::Error>),
    /// The container's terminals were closed meanwhile: its session ended or got another container.
    #[error("the container's terminals were closed")]
    Closed,
    /// The service is shutting down.
    #[error("the service is shutting down")]
    ShuttingDown,
}

/// Why a browser could not be attached.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AttachError {
    /// The command could not be started.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is nothing to watch: the terminal never ran, or its run was lost.
    #[error("the terminal is not open")]
    NotOpen,
}

/// Why input was not typed to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The terminal is not open, or its command ended before it had taken everything.
    #[error("the terminal is not open")]
    NotOpen,
    /// A visitor's interrupt dropped the rest.
    #[error("interrupted by the visitor")]
    Interrupted,
    /// So much input waits already that this would pass the limit.
    #[error("too much input is waiting")]
    TooMuchInput,
}

/// The terminal has let this browser go; why, its events say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no longer attached")]
pub struct Detached;
