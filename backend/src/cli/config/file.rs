//! The keys of the configuration, as they are written. Each field's doc comment is the key's reference.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use domain::{SourceName, address::Network};
use indexmap::IndexMap;
use serde::Deserialize;

use super::{
    closed::{Ban, Maintenance},
    lxd::Lxd,
    network::Network as NetworkTable,
    operator::Operator,
    source::Source,
    terms::Terms,
    values::{Parsed, Size, Text},
};

/// The tables and keys at the top: what an environment variable's first part may name.
pub(super) const TOP: &[&str] = &[
    "listen",
    "public_url",
    "trusted_networks",
    "client_header",
    "frame_ancestors",
    "database",
    "server",
    "log",
    "lxd",
    "network",
    "source",
    "pool",
    "session",
    "queue",
    "terms",
    "tutorials",
    "feedback",
    "terminal",
    "terminals",
    "operator",
    "ban",
    "maintenance",
];

/// The whole configuration.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    /// Where to listen.
    pub listen: Parsed<SocketAddr>,
    /// Where visitors reach the service: scheme, host and, where it is not the usual one, port. Left out on a
    /// loopback `listen`, it is that address.
    pub public_url: Option<String>,
    /// Proxies that are believed when they name the client.
    pub trusted_networks: Vec<Parsed<Network>>,
    /// The one header that they are believed for.
    pub client_header: ClientHeader,
    /// Who may show the service in a frame, as in the `frame-ancestors` directive.
    pub frame_ancestors: Vec<String>,
    /// The SQLite file.
    pub database: PathBuf,
    /// `[server]`.
    pub server: Server,
    /// `[log]`.
    pub log: Log,
    /// `[lxd]`.
    pub lxd: Lxd,
    /// `[network]`.
    pub network: NetworkTable,
    /// `[source.NAME]`; the first one is the default.
    pub source: IndexMap<SourceName, Source>,
    /// `[pool]`.
    pub pool: Pool,
    /// `[session]`.
    pub session: Session,
    /// `[queue]`.
    pub queue: Queue,
    /// `[terms.LANG]`; the first one is the default.
    pub terms: IndexMap<String, Terms>,
    /// `[tutorials]`.
    pub tutorials: Tutorials,
    /// `[feedback]`.
    pub feedback: Feedback,
    /// `[terminal]`.
    pub terminal: Terminal,
    /// `[terminals]`.
    pub terminals: Terminals,
    /// `[[operator]]`.
    pub operator: Vec<Operator>,
    /// `[[ban]]`.
    pub ban: Vec<Ban>,
    /// `[maintenance]`.
    pub maintenance: Maintenance,
}

impl Default for File {
    fn default() -> Self {
        Self {
            listen: Parsed(SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: None,
            trusted_networks: Vec::new(),
            client_header: ClientHeader::XForwardedFor,
            frame_ancestors: vec!["'self'".to_owned()],
            database: PathBuf::from("/var/lib/tryit/tryit.db"),
            server: Server::default(),
            log: Log::default(),
            lxd: Lxd::default(),
            network: NetworkTable::default(),
            source: IndexMap::new(),
            pool: Pool::default(),
            session: Session::default(),
            queue: Queue::default(),
            terms: IndexMap::new(),
            tutorials: Tutorials::default(),
            feedback: Feedback::default(),
            terminal: Terminal::default(),
            terminals: Terminals::default(),
            operator: Vec::new(),
            ban: Vec::new(),
            maintenance: Maintenance::default(),
        }
    }
}

/// The header that names the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum ClientHeader {
    #[serde(rename = "x-forwarded-for")]
    XForwardedFor,
    #[serde(rename = "forwarded")]
    Forwarded,
}

/// Details of the web server.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Server {
    /// Further `Host` values that are admitted beside the public URL's.
    pub hosts: Vec<String>,
    /// Threads that serve requests; one per core when left out.
    pub workers: Option<u16>,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// One line of text or one JSON object for each event.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`, also for single parts: `"info,tryit::reconciler=debug"`.
    pub level: String,
}

impl Log {
    /// For commands that speak for themselves.
    pub(in crate::cli) fn warnings() -> Self {
        Self { level: "warn".to_owned(), ..Self::default() }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// The form of the log's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Containers that wait for visitors, for sources that say nothing themselves.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Pool {
    /// How many of each source.
    pub size: u32,
    /// How old one may become before another takes its place.
    pub max_age: Parsed<Duration>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { size: 1, max_age: Parsed(Duration::from_secs(24 * 60 * 60)) }
    }
}

/// How long a session lasts, and how many there may be.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Session {
    /// How long a session lasts.
    pub duration: Parsed<Duration>,
    /// Live sessions per address (IPv4) or /64 (IPv6).
    pub per_address: u32,
    /// Live sessions per network: /24 (IPv4) or /48 (IPv6).
    pub per_network: u32,
    /// Starts per address within an hour.
    pub per_hour: u32,
    /// Sessions in all.
    pub max: u32,
    /// A session ends after so many minutes without a browser and without input.
    pub idle_minutes: u32,
    /// How often a visitor may extend a session.
    pub extensions: u32,
    /// By how many minutes each time.
    pub extend_minutes: u32,
    /// Whether a visitor may let two sessions of theirs reach each other.
    pub link: bool,
    /// On which TCP ports.
    pub link_ports: Vec<Text>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            duration: Parsed(Duration::from_secs(30 * 60)),
            per_address: 2,
            per_network: 16,
            per_hour: 60,
            max: 32,
            idle_minutes: 15,
            extensions: 1,
            extend_minutes: 15,
            link: false,
            link_ports: vec![Text("8443".to_owned())],
        }
    }
}

/// Visitors that wait for a place.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Queue {
    /// How many may wait; 0 lets nobody wait, so that a full server refuses.
    pub max: u32,
    /// For how many seconds an offered place is kept.
    pub claim_seconds: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self { max: 100, claim_seconds: 60 }
    }
}

/// Where the tutorials are.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tutorials {
    /// A directory of scenario directories, or one scenario directory.
    pub directory: PathBuf,
    /// The tutorial behind `/`, by its directory's name; the first one when left out.
    pub default: Option<String>,
}

impl Default for Tutorials {
    fn default() -> Self {
        Self { directory: PathBuf::from("tutorials"), default: None }
    }
}

/// What visitors may leave.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Feedback {
    /// Whether feedback is taken.
    pub enabled: bool,
    /// How long after the end of a session.
    pub window: Parsed<Duration>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { enabled: true, window: Parsed(Duration::from_secs(24 * 60 * 60)) }
    }
}

/// How a terminal keeps its output.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Terminal {
    /// Recent output that is kept for a browser that comes back.
    pub buffer: Parsed<Size>,
    /// How long a browser that does not keep up holds its program back.
    pub hold: Parsed<Duration>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self { buffer: Parsed(Size(256 * 1024)), hold: Parsed(Duration::from_secs(30)) }
    }
}

/// How many terminals there may be.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Terminals {
    /// Terminals of one session.
    pub max: u8,
}

impl Default for Terminals {
    fn default() -> Self {
        Self { max: 4 }
    }
}
