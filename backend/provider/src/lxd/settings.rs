//! How the server is reached, and how long it may take.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

/// What an [`Lxd`](super::Lxd) is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the server is.
    pub address: Address,
    /// How many operations (creates, starts, deletions) run at once.
    pub parallel: NonZeroUsize,
    /// How long they may take.
    pub deadlines: Deadlines,
}

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A unix socket; the usual places of LXD, its snap and Incus are searched when it is not given.
    Unix(Option<PathBuf>),
    /// HTTPS.
    Https(Https),
}

/// An HTTPS address with what both ends know each other by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// Like `https://lxd.example:8443`.
    pub url: String,
    /// The client's certificate, a PEM file.
    pub client_certificate: PathBuf,
    /// Its key, a PEM file.
    pub client_key: PathBuf,
    /// The server's certificate, a PEM file: the server must present exactly this one.
    pub server_certificate: PathBuf,
}

/// How long operations may take. Waiting for a turn does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// A create or copy, fetching a remote image included.
    pub create: Duration,
    /// A start.
    pub start: Duration,
    /// A stop, and a deletion.
    pub delete: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: Address::Unix(None),
            parallel: NonZeroUsize::new(8).unwrap_or(NonZeroUsize::MIN),
            deadlines: Deadlines::default(),
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            create: Duration::from_secs(110),
            start: Duration::from_secs(60),
            delete: Duration::from_secs(60),
        }
    }
}
