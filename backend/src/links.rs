//! Which sessions reach each other, as it is in force, for whoever only reads it.

use std::{collections::HashMap, net::IpAddr};

use domain::{InstanceName, SessionId};
use tokio::sync::watch;

/// Whom each session reaches. A session that nobody does is not in it.
pub type Links = HashMap<SessionId, Vec<Peer>>;

/// The other end of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its session.
    pub session: SessionId,
    /// Its container.
    pub name: InstanceName,
    /// Where it is reached.
    pub address: IpAddr,
}

/// The end of who puts links in force, and the readers'.
pub fn channel() -> (watch::Sender<Links>, watch::Receiver<Links>) {
    watch::channel(Links::default())
}
