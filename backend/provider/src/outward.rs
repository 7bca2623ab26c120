//! What containers may reach outside of the server.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use domain::Project;
use ipnet::IpNet;

/// What the containers on a bridge may reach; nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outward {
    /// A project that uses the bridge.
    pub project: Project,
    /// The bridge; its access list has the same name.
    pub bridge: String,
    /// What is let through. Addresses of the server and of the bridge are not, whatever stands here.
    pub allow: Vec<Allow>,
    /// Names that the bridge's name server answers beside its own.
    pub hosts: Vec<Host>,
    /// Containers that reach each other.
    pub pairs: Vec<Pair>,
}

/// Two containers that reach each other, each the other's ports, by TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where they are.
    pub ends: [Addresses; 2],
    /// The ports.
    pub ports: Vec<Ports>,
}

/// The addresses that a container may send from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Of IPv4, where it has one by now.
    pub ipv4: Option<Ipv4Addr>,
    /// Of IPv6 likewise.
    pub ipv6: Option<Ipv6Addr>,
}

/// Destinations that are let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Where to.
    pub to: Vec<IpNet>,
    /// By which protocol.
    pub protocol: Protocol,
    /// To which ports; to all where there is none.
    pub ports: Vec<Ports>,
}

/// A protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// As servers and operators write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

/// `443`, or `8000-8010`.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// A name with its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name; letters, digits, `-` and dots.
    pub name: String,
    /// Its IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// Its IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
}
