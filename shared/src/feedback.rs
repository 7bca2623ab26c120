//! What a visitor says of a session, and how an operator reads it.

use serde::{Deserialize, Serialize};

/// `PUT` and `GET /sessions/{id}/feedback`. An empty string counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// 1 (bad) to 5 (good).
    pub rating: u8,
    /// Free text, at most 4,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the address may be kept and used for an answer; without it no address is kept.
    #[serde(default)]
    pub email_consent: bool,
}

/// One row of `GET /operator/feedback`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackItem {
    /// The session it is about.
    pub session: String,
    /// When it was last changed.
    pub updated_at: String,
    /// The session's tutorial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tutorial: Option<String>,
    /// What was said.
    #[serde(flatten)]
    pub feedback: Feedback,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
