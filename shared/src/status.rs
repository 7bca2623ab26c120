//! `GET /status` and `GET /terms`.

use serde::{Deserialize, Serialize};

/// Whether a start would run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// A start would run now.
    Open,
    /// A start would queue or be refused.
    Full,
    /// The operator has closed the service for a while.
    Maintenance,
    /// LXD cannot be reached.
    Unavailable,
}

/// `GET /status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether a start would run now.
    pub state: ServiceState,
    /// The operator's words, or what is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Places taken and there are.
    pub sessions: Places,
    /// Who waits.
    pub queue: Queue,
    /// How the service sees the one who asks.
    #[serde(skip_deserializing)]
    pub client: Client,
    /// Whether feedback can be left.
    pub feedback: bool,
    /// Minutes that a session lasts.
    pub duration_seconds: u64,
    /// The tutorial behind `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_tutorial: Option<String>,
    /// The server's clock.
    #[serde(skip_deserializing)]
    pub server_time: String,
}

/// Places taken and there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Places taken, containers that are being deleted included.
    pub active: u64,
    /// Places there are.
    pub max: u64,
}

/// Who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Visitors waiting.
    pub length: u64,
    /// When whoever comes now is likely to get a place, where a start would queue and it can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<u64>,
}

/// How the service sees the one who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The canonical address.
    pub address: String,
    /// `ipv4` or `ipv6`.
    pub family: Family,
}

/// The family of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// IPv4, IPv4-mapped IPv6 included.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// `GET /terms`: the text a visitor accepts by starting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// SHA-256 of the configured text, in hex.
    pub hash: String,
    /// The text, sanitised.
    pub html: String,
    /// Its language, as in the configuration.
    #[serde(skip_deserializing)]
    pub lang: String,
}
