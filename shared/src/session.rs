//! A session as its visitor sees it, and the requests about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `POST /sessions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The hash of the terms that the visitor accepted.
    pub terms_hash: String,
    /// The tutorial's slug; the configured default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tutorial: Option<String>,
    /// The visitor's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Where the visitor came from, in the words of whoever set the link.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The campaign of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
}

/// The answer to `POST /sessions`: the view and, this once, the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartResponse {
    /// The session.
    #[serde(flatten)]
    pub session: SessionView,
    /// 43 characters base64url: the key to the session.
    pub token: String,
}

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Waits for a place.
    Queued,
    /// A place is held for the visitor to claim.
    Offered,
    /// The container is being made.
    Starting,
    /// The container is the visitor's.
    Running,
    /// Over.
    Ended,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedReason {
    /// Its time was up.
    Expired,
    /// The visitor ended it.
    EndedByVisitor,
    /// An operator ended it.
    EndedByOperator,
    /// The container could not be made.
    StartFailed,
    /// Nobody attached in time.
    Abandoned,
    /// Nobody was there for too long.
    Idle,
    /// The container went away or was shut down.
    ContainerStopped,
    /// The visitor left the queue.
    LeftQueue,
    /// The offered place was not claimed.
    OfferLapsed,
    /// Misuse was detected.
    Abuse,
}

/// What is being done while a session is starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseStep {
    /// The container is made from its image.
    Creating,
    /// It boots.
    Starting,
    /// Its `ready` command has not succeeded yet.
    Preparing,
    /// The terminal is being opened.
    Opening,
}

/// How far a start is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// What is being done.
    pub step: PhaseStep,
    /// The same in words, with what LXD reports.
    pub message: String,
    /// Of this step, where LXD says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
}

/// How far the tutorial's assets and scripts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// Not begun.
    #[default]
    Pending,
    /// Under way.
    Running,
    /// All done.
    Done,
    /// Something failed; the session goes on.
    Failed,
}

/// A terminal of the session that was opened at least once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalView {
    /// Its number, from 1.
    pub n: u8,
    /// Whether its command runs.
    #[serde(skip_deserializing)]
    pub state: TerminalState,
    /// How it ended, where known.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// Whether a terminal's command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminalState {
    /// It runs.
    #[default]
    Open,
    /// It ended.
    Exited,
}

/// Where the visitor is in the tutorial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// `intro`, `1` … `n` or `finish`.
    pub page: String,
    /// What was done, by page.
    #[serde(default)]
    pub steps: BTreeMap<String, StepProgress>,
}

/// What was done on one page of the tutorial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepProgress {
    /// Whether its check has passed.
    #[serde(default)]
    pub passed: bool,
    /// The ids of its commands that were run (see [`crate::tutorial::Code::id`]).
    #[serde(default)]
    pub ran: Vec<u32>,
}

/// `PUT /sessions/{id}/progress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// The page the visitor is on.
    pub page: String,
    /// Commands of that page that were run; they are added to those already known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<Vec<u32>>,
}

/// The answer to `POST /sessions/{id}/steps/{step}/check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResponse {
    /// Whether the step's check passed.
    pub passed: bool,
    /// Its last line, or a plain sentence.
    pub message: String,
}

/// `POST /sessions/{id}/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The other session.
    pub other: String,
    /// Its token: who links two sessions holds both.
    pub other_token: String,
}

/// The links alone of a session's view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Links {
    /// Sessions of the same visitor that it is linked with.
    #[serde(default)]
    pub links: Vec<Link>,
}

/// A session that this one reaches over the network, and is reached from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The other session.
    pub id: String,
    /// Its container's name.
    pub name: String,
    /// The container's address, as this session reaches it.
    pub address: String,
    /// The TCP ports that are let through, and ranges of them like `8000-8010`.
    pub ports: Vec<String>,
}

/// The session view: what its visitor may know of it.
///
/// Keys that the page has no use for are written and not read: reading each is a part of what every visitor loads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// A UUID.
    pub id: String,
    /// The container's name, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the session is in its life.
    pub state: SessionState,
    /// How far a start is, while starting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Place among those who wait, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// When a place is free at the latest, by what is known now; absent while none is given away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<u64>,
    /// Until when the offered place is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_until: Option<String>,
    /// When it was asked for.
    #[serde(skip_deserializing)]
    pub created_at: String,
    /// When it first ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_at: Option<String>,
    /// When its time is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The same, counted from `server_time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_ms: Option<u64>,
    /// How often it can still be extended.
    pub extensions_left: u32,
    /// Terminals opened so far.
    pub terminals: Vec<TerminalView>,
    /// How far assets and scripts are.
    #[serde(skip_deserializing)]
    pub setup: Setup,
    /// Values that the tutorial shows, by name.
    #[serde(skip_deserializing)]
    pub facts: BTreeMap<String, String>,
    /// Where the visitor is.
    pub progress: Progress,
    /// The tutorial's slug.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub tutorial: Option<String>,
    /// The visitor's language.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_reason: Option<EndedReason>,
    /// Sessions of the same visitor that it is linked with. [`Links`] reads them.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Whether it can be linked with another one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_link: bool,
    /// Until when feedback is taken, once ended.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub feedback_until: Option<String>,
    /// The server's clock.
    pub server_time: String,
}
