//! What the reconciler knows of the server that runs the containers, for whoever only reads it.

use std::collections::{HashMap, HashSet};

use domain::SourceName;
use tokio::sync::watch;

/// What is known of the server now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// Whether it answers.
    pub reach: Reach,
    /// Of each source that can be used: what a container made now would be made of.
    pub generations: HashMap<SourceName, String>,
    /// Sources that cannot be used because their disk is too full.
    pub full: HashSet<SourceName>,
}

/// Whether the server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Not asked yet.
    #[default]
    Unknown,
    /// It answers.
    Reachable,
    /// It does not; why, for the log and `tryit check`.
    Unreachable(String),
}

/// The reconciler's end and the readers'.
pub fn channel() -> (watch::Sender<ServerState>, watch::Receiver<ServerState>) {
    watch::channel(ServerState::default())
}
