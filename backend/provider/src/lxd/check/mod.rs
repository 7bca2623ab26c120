//! Says in plain words what keeps a server from serving the sources, or makes it serve them badly.

mod security;
mod server;
mod source;

use std::fmt;

pub use security::{Secured, security};

use super::Lxd;
use crate::Source;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, like `source shell`.
    pub subject: String,
    /// What is wrong.
    pub problem: String,
    /// What helps.
    pub remedy: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is as it should be.
    Fine,
    /// Sessions run, but not as well as they could.
    Warning,
    /// Sessions can't run.
    Error,
}

/// Like `error: source shell: the image tryit-shell is missing. Import it: …`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Fine => "ok",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}: {}: {}. {}", self.subject, self.problem, self.remedy)
    }
}

/// Looks at the server and at everything the sources need. Where the server can't be spoken to, that is all there is to
/// say.
pub async fn run(lxd: &Lxd, sources: &[Source]) -> Vec<Finding> {
    let mut findings = Findings::about(format!("server {}", lxd.server()));
    if let Some(server) = server::check(lxd, &mut findings).await {
        for source in sources {
            findings.subject = format!("source {}", source.name);
            source::check(lxd, &server, source, &mut findings).await;
        }
    }
    findings.found
}

/// The findings so far.
struct Findings {
    /// What is being looked at.
    subject: String,
    found: Vec<Finding>,
    /// Which of them says that what is being looked at is fine, where one does.
    fine: Option<usize>,
}

impl Findings {
    fn about(subject: String) -> Self {
        Self { subject, found: Vec::new(), fine: None }
    }

    fn error(&mut self, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, problem.into(), remedy.into());
    }

    fn warning(&mut self, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Warning, problem.into(), remedy.into());
    }

    fn add(&mut self, severity: Severity, problem: String, remedy: String) {
        self.found.push(Finding { severity, subject: self.subject.clone(), problem, remedy });
    }
}
