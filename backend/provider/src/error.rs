//! What can go wrong at the machine boundary.

/// Why a provider could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody answers, or not in time: worth trying again later. Says what was tried.
    #[error("cannot reach the server: {0}")]
    Unreachable(String),
    /// The server refuses this client.
    #[error("the server does not trust this client: {0}")]
    Untrusted(String),
    /// A command or an operation took too long and was given up.
    #[error("not done within {0:?}")]
    Deadline(std::time::Duration),
    /// The command has ended, but what it left running holds its output open; its exit code is unknown.
    #[error("the command has ended, but what it left running holds its output open")]
    LeftRunning,
    /// There is no such container, image, file or network.
    #[error("not found: {0}")]
    NotFound(String),
    /// The name belongs to a container with another mark or none.
    #[error("the name {0} is taken")]
    NameTaken(String),
    /// The container carries another mark or none.
    #[error("{0} is not this service's")]
    Foreign(String),
    /// The container's id range overlaps another's: no isolation, so it must go.
    #[error("{0} shares its id range with another container")]
    SharedIdRange(String),
    /// The container has no processes, memory or disk left.
    #[error("the container has nothing left to do this with: {0}")]
    Exhausted(String),
    /// The container does not run.
    #[error("the container is not running: {0}")]
    NotRunning(String),
    /// The file is larger than asked for.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// The server said no, in its words.
    #[error("the server refused: {0}")]
    Refused(String),
    /// The server answered what is no answer.
    #[error("the server's answer is not understood: {0}")]
    Protocol(String),
}

impl Error {
    /// Whether the same call may succeed by itself later.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Deadline(_))
    }
}
