//! What a container is made from, and its shape.

use std::collections::BTreeMap;

use domain::{Project, SourceName};
use serde::{Deserialize, Serialize};

/// What containers are made from, and their shape: one `[source.NAME]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// What it is made from.
    pub origin: Origin,
    /// The project its containers are in.
    pub project: Project,
    /// Container or virtual machine.
    pub kind: InstanceKind,
    /// Profiles, in order.
    pub profiles: Vec<String>,
    /// The cluster member or group (`@name`) to place it on.
    pub target: Option<String>,
    /// Whether containers run inside it: nesting, and an id range large enough for them.
    pub nesting: bool,
    /// Limits.
    pub limits: Limits,
    /// Further configuration keys, which win over all others but the mark.
    pub config: BTreeMap<String, String>,
}

/// What a container made from a source now would be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Another one when anything is another that shapes the container.
    pub now: String,
    /// The same while a remote image is not on the server yet, which the first container to be made fetches: what was made
    /// of this one is of the present one. None where nothing is ever fetched.
    pub unfetched: Option<String>,
}

impl From<String> for Generation {
    fn from(now: String) -> Self {
        Self { now, unfetched: None }
    }
}

/// What an instance is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A local image, by alias or fingerprint.
    Image {
        /// The alias or fingerprint.
        alias: String,
    },
    /// An image of a remote simplestreams server.
    Remote {
        /// The server's URL.
        server: String,
        /// The alias there.
        alias: String,
    },
    /// A copy of a (stopped) instance.
    Instance {
        /// Its name.
        name: String,
        /// Its project; the source's own when absent.
        project: Option<Project>,
    },
    /// A copy of a snapshot.
    Snapshot {
        /// The instance.
        instance: String,
        /// The snapshot.
        snapshot: String,
        /// Its project; the source's own when absent.
        project: Option<Project>,
    },
}

/// Container or virtual machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceKind {
    /// A system container.
    #[default]
    Container,
    /// A virtual machine.
    VirtualMachine,
}

/// Limits of a container, in the server's own notation where they are texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// `limits.cpu`: a count, or a set like `0-3`.
    pub cpu: Option<String>,
    /// `limits.memory`, like `512MiB`. Swap is off.
    pub memory: Option<String>,
    /// `limits.processes`.
    pub processes: Option<u32>,
    /// The root disk's size, like `2GiB` (holds on pools with quotas only).
    pub disk: Option<String>,
    /// The root disk's `limits.max`, like `20MB` (a second) or `500iops`.
    pub disk_rate: Option<String>,
    /// The NIC's `limits.ingress` and `limits.egress`, like `10Mbit`.
    pub network_rate: Option<String>,
}
