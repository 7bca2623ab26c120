//! What was done about one object, or would be.

use std::fmt;

/// What was done about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What, like `storage pool tryit`.
    pub object: String,
    /// What was done.
    pub outcome: Outcome,
    /// What is worth knowing about it.
    pub note: Option<String>,
}

/// What was done about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was there, and stays as it is.
    Kept,
    /// It was there, and is different now.
    Changed,
    /// It is gone.
    Removed,
    /// It was there and should be different or gone, and the server refuses that for now.
    Refused,
}

impl Step {
    pub(super) fn new(object: impl Into<String>, outcome: Outcome) -> Self {
        Self { object: object.into(), outcome, note: None }
    }

    pub(super) fn noting(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// The step as one that would be taken, like `create storage pool tryit (btrfs)`.
    pub fn intended(&self) -> impl fmt::Display {
        self.words(match self.outcome {
            Outcome::Created => "create",
            Outcome::Kept | Outcome::Refused => "keep",
            Outcome::Changed => "change",
            Outcome::Removed => "remove",
        })
    }

    fn words(&self, verb: &str) -> String {
        match &self.note {
            Some(note) => format!("{verb} {} ({note})", self.object),
            None => format!("{verb} {}", self.object),
        }
    }
}

/// Like `created storage pool tryit (btrfs)`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(match self.outcome {
            Outcome::Created => "created",
            Outcome::Kept => "kept",
            Outcome::Changed => "changed",
            Outcome::Removed => "removed",
            Outcome::Refused => "could not change",
        }))
    }
}
