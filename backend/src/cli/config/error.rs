//! A mistake in the configuration, in words: where, which key, what was expected.

use std::{fmt, path::PathBuf};

/// A mistake in the value of a key, before it is known where the value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The whole path of the key, like `source.shell.limits.memory`; empty for the whole configuration.
    pub key: String,
    /// What was expected.
    pub message: String,
}

impl Mistake {
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }

    /// The same mistake, seen from a table that holds the key.
    pub fn within(self, table: &str) -> Self {
        let key =
            if self.key.is_empty() { table.to_owned() } else { format!("{table}.{}", self.key) };
        Self { key, ..self }
    }
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: what would have been needed is missing, and there is no file.
    Nowhere,
    /// In the file, on this line (from 1) where one can be named.
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: Option<usize>,
    },
    /// In an environment variable.
    Variable(String),
}

/// Why the configuration can't be used. Reads `PLACE: KEY: what was expected`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where.
    pub place: Place,
    /// The whole path of the key; empty where the mistake is in no key.
    pub key: String,
    /// What was expected.
    pub message: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Nowhere => f.write_str("no configuration file"),
            Place::File { path, line: None } => write!(f, "{}", path.display()),
            Place::File { path, line: Some(line) } => write!(f, "{}, line {line}", path.display()),
            Place::Variable(name) => write!(f, "the environment's {name}"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}
