//! What is wrong with a tutorial, said so that its author finds the place.

use std::fmt;

use crate::path::FilePath;

/// One thing to put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file that it is in.
    pub file: FilePath,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and where it helps, what was expected.
    pub message: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is left out or looks other than meant.
    Warning,
    /// Something that the tutorial needs is missing.
    Error,
}

impl fmt::Display for Problem {
    /// As compilers write it: `path:line: error: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}: {}", self.severity, self.message)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The problems of one file, collected while it is read.
#[derive(Debug)]
pub(crate) struct Problems<'a> {
    file: FilePath,
    list: &'a mut Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(crate) fn of(file: &FilePath, list: &'a mut Vec<Problem>) -> Self {
        Self { file: file.clone(), list }
    }

    pub(crate) fn warn(&mut self, line: impl Into<Option<usize>>, message: impl Into<String>) {
        self.add(line.into(), Severity::Warning, message.into());
    }

    pub(crate) fn error(&mut self, line: impl Into<Option<usize>>, message: impl Into<String>) {
        self.add(line.into(), Severity::Error, message.into());
    }

    /// Says a thing once, however often it occurs: files that repeat a mistake repeat it a hundred times.
    fn add(&mut self, line: Option<usize>, severity: Severity, message: String) {
        let problem = Problem { file: self.file.clone(), line, severity, message };
        if !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }
}
