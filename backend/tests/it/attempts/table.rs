//! What was tried, and what came of it.

use std::fmt;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something came through.
    Through,
    /// Nothing did.
    Blocked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Through => "through",
            Self::Blocked => "blocked",
        })
    }
}

/// Attempts in the order in which they were made.
#[derive(Default)]
pub struct Table(Vec<(&'static str, Outcome)>);

impl Table {
    /// Adds one.
    pub fn tried(&mut self, what: &'static str, through: bool) {
        self.0.push((what, if through { Outcome::Through } else { Outcome::Blocked }));
    }

    /// What came of an attempt.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, Outcome)> {
        self.0.iter().copied()
    }
}

/// As it stands in the documentation.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, outcome) in &self.0 {
            writeln!(f, "| {what} | {outcome} |")?;
        }
        Ok(())
    }
}
