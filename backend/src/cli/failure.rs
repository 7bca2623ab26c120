//! Why a command ends without having done what it was asked: what is wrong, and what helps.

use std::fmt;

use super::config::{ConfigError, Place};

/// A command's failure. Printed as `tryit: WHAT`, and the remedy on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    what: String,
    remedy: Option<String>,
}

impl Failure {
    /// A failure in words.
    pub fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), remedy: None }
    }

    /// The same, with what helps.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tryit: {}", self.what)?;
        for line in self.remedy.iter().flat_map(|remedy| remedy.lines()) {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let failure = Self::new(&error);
        match error.place {
            Place::Nowhere => failure.remedy(
                "Write ./tryit.toml or /etc/tryit/tryit.toml, or name a file: --config FILE.\n\
                 The example with every key: deploy/tryit.toml.",
            ),
            Place::File { .. } | Place::Variable(_) => failure,
        }
    }
}
