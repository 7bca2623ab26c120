//! What the services are told by the configuration.

use std::{path::PathBuf, time::Duration};

use domain::{StartLimits, TokenHash, UnixMs};

use provider::Ports;

use crate::source::SessionSource;

/// Settings of the services. A new value takes the old one's place while the service runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a session lasts.
    pub duration: Duration,
    /// How often it can be extended.
    pub extensions: u32,
    /// By how much each time.
    pub extend_by: Duration,
    /// On which ports two sessions of a visitor reach each other once they are linked; none where they cannot be.
    pub link: Vec<Ports>,
    /// What a start is measured against.
    pub limits: StartLimits,
    /// How many terminals a session may have.
    pub terminals_max: u8,
    /// The terms, the default language first.
    pub terms: Vec<TermsText>,
    /// Where the tutorials are.
    pub tutorials: Tutorials,
    /// What containers are made from, the default first.
    pub sources: Vec<SessionSource>,
    /// Sources that were configured before, for the sessions that are still on them.
    pub former: Vec<SessionSource>,
    /// Whether and how long feedback is taken.
    pub feedback: Feedback,
    /// Who may use the operator routes.
    pub operators: Vec<OperatorToken>,
}

impl Settings {
    /// These settings, where those before were `before`.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        let is_gone = |former: &&SessionSource| {
            !self.sources.iter().any(|source| source.source.name == former.source.name)
        };
        self.former =
            before.sources.iter().chain(&before.former).filter(is_gone).cloned().collect();
        self
    }
}

/// The terms in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsText {
    /// The language, like `en`.
    pub lang: String,
    /// The text: Markdown.
    pub text: String,
}

/// Where the tutorials are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tutorials {
    /// A directory of scenario directories, or one scenario directory.
    pub directory: PathBuf,
    /// The slug behind `/`; the first one found when absent.
    pub default: Option<String>,
}

/// Whether and how long feedback is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Whether at all.
    pub enabled: bool,
    /// How long after the end of a session.
    pub window: Duration,
}

/// A token that may use the operator routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorToken {
    /// Whose it is; stands in the audit.
    pub name: String,
    /// SHA-256 of the token.
    pub hash: TokenHash,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops working.
    pub expires: Option<UnixMs>,
}

/// What an operator token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read feedback.
    FeedbackRead,
    /// Read statistics.
    StatisticsRead,
    /// Read live sessions.
    SessionsRead,
    /// End and extend sessions.
    SessionsWrite,
    /// Watch terminals.
    SessionsWatch,
    /// Ban addresses.
    BansWrite,
    /// Open and close the service.
    MaintenanceWrite,
    /// Read metrics.
    MetricsRead,
}

impl Scope {
    /// All of them.
    pub const ALL: &[Scope] = &[
        Scope::FeedbackRead,
        Scope::StatisticsRead,
        Scope::SessionsRead,
        Scope::SessionsWrite,
        Scope::SessionsWatch,
        Scope::BansWrite,
        Scope::MaintenanceWrite,
        Scope::MetricsRead,
    ];

    /// The scope as the configuration writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::FeedbackRead => "feedback:read",
            Scope::StatisticsRead => "statistics:read",
            Scope::SessionsRead => "sessions:read",
            Scope::SessionsWrite => "sessions:write",
            Scope::SessionsWatch => "sessions:watch",
            Scope::BansWrite => "bans:write",
            Scope::MaintenanceWrite => "maintenance:write",
            Scope::MetricsRead => "metrics:read",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|scope| scope.as_str()).collect();
            format!("unknown scope `{text}`, expected one of {}", all.join(", "))
        })
    }
}
