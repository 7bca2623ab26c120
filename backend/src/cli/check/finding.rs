//! What `tryit check` found out about one thing.

use std::{borrow::Cow, fmt};

use serde::Serialize;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub verdict: Verdict,
    /// What was looked at, in a word or two.
    pub about: Cow<'static, str>,
    /// What was found.
    pub what: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    #[serde(rename = "ok")]
    Fine,
    /// The service runs, and something is probably not as meant.
    Warning,
    /// The service doesn't run, or not for visitors.
    Problem,
}

impl Finding {
    pub fn fine(about: impl Into<Cow<'static, str>>, what: impl fmt::Display) -> Self {
        Self { verdict: Verdict::Fine, about: about.into(), what: what.to_string(), remedy: None }
    }

    pub fn warning(
        about: impl Into<Cow<'static, str>>,
        what: impl fmt::Display,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::Warning,
            about: about.into(),
            what: what.to_string(),
            remedy: Some(remedy.into()),
        }
    }

    pub fn problem(
        about: impl Into<Cow<'static, str>>,
        what: impl fmt::Display,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::Problem,
            about: about.into(),
            what: what.to_string(),
            remedy: Some(remedy.into()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Fine => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem => "problem",
        };
        write!(f, "{verdict:<8} {}: {}", self.about, self.what)?;
        for line in self.remedy.iter().flat_map(|remedy| remedy.lines()) {
            write!(f, "\n         → {line}")?;
        }
        Ok(())
    }
}
