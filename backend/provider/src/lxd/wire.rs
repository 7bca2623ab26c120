//! What the server says, as far as it is read.

use std::collections::BTreeMap;

use domain::{InstanceName, InstanceRef, Project, ServerId, UnixMs};
use serde::{Deserialize, Deserializer};

use crate::{Error, InstanceStatus, Observed, Result};

/// The configuration key of the mark.
pub(super) const MARK: &str = "user.tryit.server";

/// The key that says which session a container was given to.
pub(super) const SESSION: &str = "user.tryit.session";

/// A device, or a configuration: keys and values are texts.
pub(super) type Keys = BTreeMap<String, String>;
/// Devices by name.
pub(super) type Devices = BTreeMap<String, Keys>;

/// Every answer's frame.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub error: String,
    #[serde(default)]
    pub error_code: u16,
    #[serde(default = "Option::default")]
    pub metadata: Option<T>,
}

/// Whether it is the answer, the promise of one, or a refusal.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Sync,
    Async,
    Error,
}

/// The words of a refusal, where `body` is one.
pub(super) fn error_text(body: &[u8]) -> Option<String> {
    let envelope: Envelope<serde::de::IgnoredAny> = serde_json::from_slice(body).ok()?;
    (envelope.kind == Kind::Error).then_some(envelope.error)
}

/// `GET /1.0`.
#[derive(Deserialize)]
pub(super) struct Server {
    #[serde(default)]
    pub auth: String,
    #[serde(default, deserialize_with = "or_default")]
    pub environment: Environment,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Environment {
    pub server: String,
    pub server_version: String,
    pub server_clustered: bool,
    pub certificate_fingerprint: String,
    pub firewall: String,
    #[serde(deserialize_with = "or_default")]
    pub kernel_features: Keys,
    #[serde(deserialize_with = "or_default")]
    pub storage_supported_drivers: Vec<StorageDriver>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StorageDriver {
    pub name: String,
}

/// A background operation.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Operation {
    pub id: String,
    #[serde(default)]
    pub class: String,
    #[serde(default)]
    pub status_code: u16,
    #[serde(default)]
    pub err: String,
    #[serde(default)]
    pub metadata: serde_json::Value,
    #[serde(default, deserialize_with = "or_default")]
    pub resources: BTreeMap<String, Vec<String>>,
}

impl Operation {
    /// Done, well or not.
    pub fn is_over(&self) -> bool {
        self.status_code >= 200
    }

    /// Whether it works on the instance.
    pub fn concerns(&self, instance: &InstanceRef) -> bool {
        self.resources.get("instances").is_some_and(|list| {
            list.iter()
                .any(|path| instance_of(path).is_some_and(|name| name == instance.name.as_str()))
        })
    }
}

/// The name in a path like `/1.0/instances/NAME?project=P`; none for what is below an instance.
pub(super) fn instance_of(path: &str) -> Option<&str> {
    let name = path.split('?').next()?.strip_prefix("/1.0/instances/")?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// An instance, or a snapshot.
#[derive(Debug, Deserialize)]
pub(super) struct Instance {
    pub name: String,
    #[serde(default)]
    pub project: String,
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub created_at: Option<jiff::Timestamp>,
    #[serde(default)]
    pub last_used_at: Option<jiff::Timestamp>,
    #[serde(default)]
    pub location: String,
    #[serde(default, deserialize_with = "or_default")]
    pub profiles: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub config: Keys,
    #[serde(default, deserialize_with = "or_default")]
    pub devices: Devices,
    #[serde(default, deserialize_with = "or_default")]
    pub expanded_config: Keys,
    #[serde(default, deserialize_with = "or_default")]
    pub expanded_devices: Devices,
}

impl Instance {
    /// Whose it is.
    pub fn mark(&self) -> Option<ServerId> {
        self.config.get(MARK)?.parse().ok()
    }

    /// What the boundary knows of it.
    pub fn observed(&self, project: &Project) -> Result<Observed> {
        let name: InstanceName = self
            .name
            .parse()
            .map_err(|why| Error::Protocol(format!("instance {:?}: {why}", self.name)))?;
        let created_at = self
            .created_at
            .ok_or_else(|| Error::Unreachable(format!("nothing is known of {name} just now")))?;
        Ok(Observed {
            instance: InstanceRef { project: project.clone(), name },
            mark: self.mark(),
            session: self.config.get(SESSION).and_then(|id| id.parse().ok()),
            status: match self.status.as_str() {
                "Running" | "Frozen" | "Freezing" | "Thawed" => InstanceStatus::Running,
                "Stopped" => InstanceStatus::Stopped,
                _ => InstanceStatus::Unknown,
            },
            created_at: UnixMs(created_at.as_millisecond()),
            location: (!matches!(self.location.as_str(), "" | "none"))
                .then(|| self.location.clone()),
        })
    }
}

/// A profile.
#[derive(Clone, Default, Deserialize, PartialEq, Eq)]
pub(super) struct Profile {
    #[serde(default, deserialize_with = "or_default")]
    pub config: Keys,
    #[serde(default, deserialize_with = "or_default")]
    pub devices: Devices,
}

/// A local image.
#[derive(Deserialize)]
pub(super) struct Image {
    pub fingerprint: String,
    #[serde(default, deserialize_with = "or_default")]
    pub properties: Keys,
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<AliasName>,
    /// Fetched for an instance, not imported by anybody.
    #[serde(default)]
    pub cached: bool,
    #[serde(default)]
    pub update_source: Option<ImageSource>,
}

/// An alias in an image's description.
#[derive(Deserialize)]
pub(super) struct AliasName {
    pub name: String,
}

/// Where a cached image came from.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ImageSource {
    pub server: String,
    pub alias: String,
}

/// An image's alias.
#[derive(Deserialize)]
pub(super) struct ImageAlias {
    pub target: String,
}

/// Takes `null` for the default: Go writes an empty map or list that way.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    input: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(input)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn observed(instance: Value) -> Result<Observed> {
        let instance: Instance = serde_json::from_value(instance).unwrap();
        instance.observed(&"tryit".parse().unwrap())
    }

    #[test]
    fn an_instance_is_read_as_the_server_writes_it() {
        let mark = ServerId::random();
        let seen = observed(json!({
            "name": "tryit-calm-seal",
            "status": "Frozen",
            "created_at": "2026-11-24T18:06:04.262205753Z",
            "location": "none",
            "profiles": null,
            "devices": null,
            "config": {MARK: mark.to_string(), SESSION: "6fdcc5b8-40a8-4cf0-ae39-3b3ae3ae3a94"},
        }));
        let seen = seen.unwrap();
        assert_eq!(
            seen.session.map(|id| id.to_string()).as_deref(),
            Some("6fdcc5b8-40a8-4cf0-ae39-3b3ae3ae3a94")
        );
        assert_eq!(
            (seen.mark, seen.status, seen.location),
            (Some(mark), InstanceStatus::Running, None)
        );
        assert_eq!(seen.created_at, UnixMs(1_795_543_564_262));
    }

    #[test]
    fn what_is_under_way_is_neither_running_nor_stopped() {
        for status in ["Starting", "Stopping", "Error", ""] {
            let created = "2026-11-24T18:06:04Z";
            let seen = observed(
                json!({"name": "a", "status": status, "created_at": created, "location": "n1"}),
            );
            let seen = seen.unwrap();
            assert_eq!(
                (seen.status, seen.location.as_deref()),
                (InstanceStatus::Unknown, Some("n1"))
            );
        }
    }

    #[test]
    fn an_instance_of_an_absent_member_is_an_outage_not_an_absence() {
        let error = observed(json!({"name": "a", "status": "Error", "config": null})).unwrap_err();
        assert!(error.is_outage(), "{error:?}");
    }

    #[test]
    fn only_instances_themselves_are_named_by_a_path() {
        assert_eq!(instance_of("/1.0/instances/a?project=p"), Some("a"));
        for other in ["/1.0/instances/a/snapshots/s", "/1.0/instances/", "/1.0/profiles/a", ""] {
            assert_eq!(instance_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_refusal_is_read_out_of_any_answer() {
        let refusal =
            br#"{"type":"error","error_code":404,"error":"Instance not found","metadata":null}"#;
        assert_eq!(error_text(refusal).as_deref(), Some("Instance not found"));
        assert_eq!(error_text(br#"{"type":"sync","metadata":{}}"#), None);
        assert_eq!(error_text(b"<html>"), None);
    }
}
