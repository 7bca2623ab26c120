//! How an attempt ends when it does not succeed.

/// Why a visitor could not go on.
#[derive(Debug)]
pub enum Trouble {
    /// The service or LXD is away just now: worth trying again.
    Away(String),
    /// The session has ended.
    Ended,
    /// The shell has ended, which only who takes its container away can do.
    Exited,
    /// What must not happen.
    Wrong(String),
}

/// What an attempt comes to.
pub type Outcome<T> = Result<T, Trouble>;

/// What must not happen.
pub fn wrong<T>(what: impl Into<String>) -> Outcome<T> {
    Err(Trouble::Wrong(what.into()))
}
