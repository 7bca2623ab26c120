//! What the loop is told.

use std::{collections::BTreeSet, time::Duration};

use domain::Project;
use ipnet::IpNet;
use provider::{Allow, Outward, Ports, Protocol};

/// What containers may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A project that uses the bridge.
    pub project: Project,
    /// The bridge.
    pub bridge: String,
    /// What they may reach.
    pub allow: Vec<Allowed>,
    /// How often names are resolved.
    pub every: Duration,
    /// On which ports linked sessions reach each other; none where there are no links.
    pub link: Vec<Ports>,
}

/// One entry of `network.allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Where to.
    pub to: Destination,
    /// By which protocol.
    pub protocol: Protocol,
    /// To which ports; to all where there is none.
    pub ports: Vec<Ports>,
}

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A network, or one address.
    Network(IpNet),
    /// Whatever addresses a name has.
    Name(String),
}

impl Settings {
    /// The names in it, each once.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.allow
            .iter()
            .filter_map(|allowed| match &allowed.to {
                Destination::Name(name) => Some(name.as_str()),
                Destination::Network(_) => None,
            })
            .collect()
    }

    /// It in the server's terms, with the addresses that `resolved` gives for names; no name is answered for yet.
    pub fn outward(&self, resolved: impl Fn(&str) -> Vec<IpNet>) -> Outward {
        let allow = self.allow.iter().map(|allowed| Allow {
            to: match &allowed.to {
                Destination::Network(net) => vec![*net],
                Destination::Name(name) => resolved(name),
            },
            protocol: allowed.protocol,
            ports: allowed.ports.clone(),
        });
        Outward {
            project: self.project.clone(),
            bridge: self.bridge.clone(),
            allow: allow.collect(),
            hosts: Vec::new(),
            pairs: Vec::new(),
        }
    }
}
