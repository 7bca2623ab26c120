//! A session: one visitor's time in one container.

mod admission;
pub(crate) mod link;
mod phase;
pub(crate) mod place;
mod progress;
mod queue;
mod read;
mod reset;
pub(crate) mod transition;

use std::collections::BTreeMap;

use domain::{
    ClientAddress, EndedReason, InstanceRef, PageName, Phase, Progress, Project, SessionId,
    SessionState, Setup, SourceName, TokenHash, UnixMs,
};

#[cfg(test)]
pub(crate) use admission::ADMIT;
pub use admission::{Admission, Refusal};
pub use link::{LinkEnd, Linked};
pub use place::Container;
pub use queue::{Claim, Line, Lost};
pub use read::Occupancy;
pub use reset::Reset;
pub use transition::Extension;

/// A session to be started.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of its token.
    pub token_hash: TokenHash,
    /// Who starts it.
    pub address: ClientAddress,
    /// What the visitor agreed to.
    pub terms: AcceptedTerms,
    /// The tutorial's slug.
    pub tutorial: Option<String>,
    /// The visitor's language.
    pub lang: Option<String>,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// The campaign of the link.
    pub campaign: Option<String>,
    /// What its container is made from.
    pub source: SourceName,
    /// The source's present generation: only a warm container of this one will do.
    pub generation: String,
    /// The project that a new container is made in.
    pub project: Project,
    /// The page that the visitor begins on.
    pub page: PageName,
}

/// The terms that a visitor agreed to. The time is the session's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTerms {
    /// SHA-256 of the text.
    pub hash: [u8; 32],
    /// The text's language.
    pub lang: String,
}

/// A session as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The order of the queue and of lists.
    pub seq: i64,
    /// Its id.
    pub id: SessionId,
    /// Where it is in its life.
    pub state: SessionState,
    /// Why it ended.
    pub ended_reason: Option<EndedReason>,
    /// Who started it, until retention truncates and then forgets it.
    pub address: Option<String>,
    /// The tutorial's slug.
    pub tutorial: Option<String>,
    /// The visitor's language.
    pub lang: Option<String>,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// The campaign of the link.
    pub campaign: Option<String>,
    /// What its container is made from.
    pub source: SourceName,
    /// Where the visitor is in the tutorial.
    pub page: PageName,
    /// What was done there.
    pub progress: Progress,
    /// Values that the tutorial shows, by name.
    pub facts: BTreeMap<String, String>,
    /// How far a start is.
    pub phase: Option<Phase>,
    /// How far the tutorial's assets and scripts are.
    pub setup: Setup,
    /// How often it was extended.
    pub extensions: u32,
    /// When it was asked for.
    pub created_at: UnixMs,
    /// Until when the offered place is held.
    pub offer_until: Option<UnixMs>,
    /// When it first ran.
    pub running_at: Option<UnixMs>,
    /// When a browser first attached.
    pub first_attached_at: Option<UnixMs>,
    /// When something was last typed.
    pub last_input_at: Option<UnixMs>,
    /// When its time is up.
    pub expires_at: Option<UnixMs>,
    /// When its browser was last heard of.
    pub last_seen_at: UnixMs,
    /// When it ended.
    pub ended_at: Option<UnixMs>,
    /// Its container: being made while starting, the visitor's while running.
    pub instance: Option<InstanceRef>,
}
