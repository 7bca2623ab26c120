//! What operators see and do: live sessions, bans, maintenance, the audit.

use serde::{Deserialize, Serialize};

use crate::session::SessionState;

/// One row of `GET /operator/sessions`; also the answer to an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionItem {
    /// Its id.
    pub id: String,
    /// The container's name; absent before there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is in its life.
    pub state: SessionState,
    /// What its container is made from: a `[source.NAME]` of the configuration.
    pub source: String,
    /// The tutorial's slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tutorial: Option<String>,
    /// Who started it, as far as that is still kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// When it was asked for.
    pub created_at: String,
    /// When it first ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_at: Option<String>,
    /// When its time is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How often its visitor has extended it.
    pub extensions: u32,
    /// Browsers attached to its terminals; watchers are not counted.
    pub attached: u64,
    /// What its container uses; absent while there is none that runs, or where the server does not say in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// What a container uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Time that its processes have had on a core since it started, in milliseconds.
    pub cpu_ms: u64,
    /// Memory in use, in bytes.
    pub memory_bytes: u64,
    /// Processes.
    pub processes: u64,
    /// Bytes that came in over the network since it started.
    pub received_bytes: u64,
    /// Bytes that went out over the network since it started.
    pub sent_bytes: u64,
}

/// `POST /operator/sessions/{id}/extend`; the body may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendRequest {
    /// By how many minutes; as many as a visitor gets when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// Who made a ban.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanOrigin {
    /// The configuration; it is lifted there.
    Configuration,
    /// An operator, at run time.
    Operator,
    /// The service itself, on signs of misuse.
    Detector,
}

/// One row of `GET /operator/bans`; also the answer to a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Its id.
    pub id: String,
    /// Whom, as a network in CIDR notation.
    pub network: String,
    /// Why, in the words of who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when; for good when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who made it.
    pub origin: BanOrigin,
    /// Since when.
    pub created_at: String,
}

/// `POST /operator/bans`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BanRequest {
    /// A network in CIDR notation, or an address.
    pub network: String,
    /// Why, for other operators: at most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when, RFC 3339; for good when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// `GET /operator/maintenance`, and the answer to `PUT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Whether starts are refused.
    pub on: bool,
    /// What visitors are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the configuration closes the service: then it stays closed whatever is put here.
    pub configured: bool,
}

/// `PUT /operator/maintenance`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceRequest {
    /// Whether starts are to be refused.
    pub on: bool,
    /// What visitors are told: at most 1,000 characters. Only with `on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// One row of `GET /operator/audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditItem {
    /// When.
    pub at: String,
    /// By whom: the token's name.
    pub actor: String,
    /// What: `session.end`, `session.extend`, `session.watch`, `ban.add`, `ban.remove` or `maintenance.put`.
    pub action: String,
    /// To what: a session's id or a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Anything else worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
