//! The configuration and devices of a container: isolation, limits and the mark.

use domain::ServerId;

use super::wire::{Devices, Keys, MARK};
use crate::{InstanceKind, Limits, Source};

/// An id range that has room for the containers inside a container.
const NESTED_IDS: &str = "262144";

/// Refuses the four ioctls by which root in a container makes btrfs subvolumes and snapshots: what is in those is
/// outside of the container's disk limit, and can keep the container from being deleted.
pub(super) const DENIED: &str = "ioctl errno 1 [1,0x5000940e,SCMP_CMP_MASKED_EQ,0xffffffff]
ioctl errno 1 [1,0x50009401,SCMP_CMP_MASKED_EQ,0xffffffff]
ioctl errno 1 [1,0x50009417,SCMP_CMP_MASKED_EQ,0xffffffff]
ioctl errno 1 [1,0x50009418,SCMP_CMP_MASKED_EQ,0xffffffff]";

/// In what the two servers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Lxd,
    Incus,
}

impl Dialect {
    /// The key of the socket by which a container can ask the server about itself and about images.
    fn guest_api(self) -> &'static str {
        match self {
            Self::Lxd => "security.devlxd",
            Self::Incus => "security.guestapi",
        }
    }
}

/// The configuration. `boot.autostart` stays unset, so that after a reboot of the host the containers that ran run
/// again, with their sessions.
pub(super) fn config(source: &Source, mark: ServerId, dialect: Dialect) -> Keys {
    let mut config = Keys::new();
    let mut set = |key: &str, value: &str| config.insert(key.to_owned(), value.to_owned());
    set(dialect.guest_api(), "false");
    if source.kind == InstanceKind::Container {
        set("security.idmap.isolated", "true");
        set("security.privileged", "false");
        set("security.nesting", if source.nesting { "true" } else { "false" });
        set("security.syscalls.deny", DENIED);
        if source.nesting {
            set("security.idmap.size", NESTED_IDS);
        }
        if source.limits.memory.is_some() {
            set("limits.memory.swap", "false");
        }
        if let Some(processes) = source.limits.processes {
            set("limits.processes", &processes.to_string());
        }
    }
    for (key, limit) in
        [("limits.cpu", &source.limits.cpu), ("limits.memory", &source.limits.memory)]
    {
        if let Some(limit) = limit {
            set(key, limit);
        }
    }
    config.extend(source.config.iter().map(|(key, value)| (key.clone(), value.clone())));
    config.insert(MARK.to_owned(), mark.to_string());
    config
}

/// Whether this host can limit what containers send; some kernels lack the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Egress {
    Limited,
    Unlimited,
}

/// Those of `inherited` that the limits change. A device of the container's own replaces an inherited one as a whole.
pub(super) fn devices(inherited: &Devices, limits: &Limits, egress: Egress) -> Devices {
    let mut changed = Devices::new();
    for (name, device) in inherited {
        let mut device = device.clone();
        let mut set = |key: &str, limit: &Option<String>| match limit {
            Some(limit) => device.insert(key.to_owned(), limit.clone()).as_ref() != Some(limit),
            None => false,
        };
        let is_changed = match kind(inherited, name) {
            Some(DeviceKind::Root) => {
                set("size", &limits.disk) | set("limits.max", &limits.disk_rate)
            }
            Some(DeviceKind::Nic) => {
                set("limits.ingress", &limits.network_rate)
                    | (egress == Egress::Limited && set("limits.egress", &limits.network_rate))
            }
            None => false,
        };
        if is_changed {
            changed.insert(name.clone(), device);
        }
    }
    changed
}

/// Those of a container's own devices that limit what it sends, without that limit.
pub(super) fn without_egress(own: &Devices) -> Devices {
    let limited = own.iter().filter(|(_, device)| device.contains_key("limits.egress"));
    limited
        .map(|(name, device)| {
            let mut device = device.clone();
            device.remove("limits.egress");
            (name.clone(), device)
        })
        .collect()
}

/// The devices that have limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceKind {
    /// The root disk.
    Root,
    /// A network card.
    Nic,
}

/// What the device `name` is, if it has limits.
pub(super) fn kind(devices: &Devices, name: &str) -> Option<DeviceKind> {
    let device = devices.get(name)?;
    match device.get("type").map(String::as_str) {
        Some("disk") if device.get("path").map(String::as_str) == Some("/") => {
            Some(DeviceKind::Root)
        }
        Some("nic") => Some(DeviceKind::Nic),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Origin;

    fn source() -> Source {
        Source {
            name: "shell".parse().unwrap(),
            origin: Origin::Image { alias: "tryit-shell".to_owned() },
            project: "tryit".parse().unwrap(),
            kind: InstanceKind::Container,
            profiles: vec!["default".to_owned()],
            target: None,
            nesting: false,
            limits: Limits::default(),
            config: BTreeMap::new(),
        }
    }

    fn keys(pairs: &[(&str, &str)]) -> Keys {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn inherited() -> Devices {
        Devices::from([
            ("root".to_owned(), keys(&[("type", "disk"), ("path", "/"), ("pool", "p")])),
            ("data".to_owned(), keys(&[("type", "disk"), ("path", "/data"), ("pool", "p")])),
            (
                "eth0".to_owned(),
                keys(&[("type", "nic"), ("network", "n"), ("security.port_isolation", "true")]),
            ),
        ])
    }

    #[test]
    fn every_container_is_isolated_and_marked() {
        let mark = ServerId::random();
        let config = config(&source(), mark, Dialect::Lxd);
        for (key, value) in [
            ("security.idmap.isolated", "true"),
            ("security.privileged", "false"),
            ("security.devlxd", "false"),
            ("security.nesting", "false"),
            (MARK, &mark.to_string()),
        ] {
            assert_eq!(config.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert_eq!(config["security.syscalls.deny"].lines().count(), 4);
        assert!(!config.contains_key("security.idmap.size"));
    }

    #[test]
    fn incus_calls_its_guest_api_otherwise() {
        let config = config(&source(), ServerId::random(), Dialect::Incus);
        assert_eq!(config["security.guestapi"], "false");
        assert!(!config.contains_key("security.devlxd"));
    }

    #[test]
    fn nesting_brings_ids_for_the_children() {
        let config =
            config(&Source { nesting: true, ..source() }, ServerId::random(), Dialect::Lxd);
        assert_eq!(config["security.nesting"], "true");
        assert_eq!(config["security.idmap.size"], "262144");
    }

    #[test]
    fn a_virtual_machine_has_no_container_keys() {
        let limits =
            Limits { memory: Some("1GiB".to_owned()), processes: Some(9), ..Limits::default() };
        let config = config(
            &Source { kind: InstanceKind::VirtualMachine, limits, ..source() },
            ServerId::random(),
            Dialect::Lxd,
        );
        let keys: Vec<_> = config.keys().map(String::as_str).collect();
        assert_eq!(keys, ["limits.memory", "security.devlxd", MARK]);
    }

    #[test]
    fn the_operators_keys_win_but_not_over_the_mark() {
        let own = keys(&[("security.devlxd", "true"), (MARK, "another"), ("user.note", "x")]);
        let mark = ServerId::random();
        let config = config(&Source { config: own, ..source() }, mark, Dialect::Lxd);
        assert_eq!(config["security.devlxd"], "true");
        assert_eq!(config["user.note"], "x");
        assert_eq!(config[MARK], mark.to_string());
    }

    #[test]
    fn limits_go_onto_the_inherited_root_and_nic_alone() {
        let limits = Limits {
            disk: Some("2GiB".to_owned()),
            network_rate: Some("10Mbit".to_owned()),
            ..Limits::default()
        };
        let own = devices(&inherited(), &limits, Egress::Limited);
        assert_eq!(own.keys().collect::<Vec<_>>(), ["eth0", "root"]);
        assert_eq!(
            own["root"],
            keys(&[("type", "disk"), ("path", "/"), ("pool", "p"), ("size", "2GiB")])
        );
        assert_eq!(own["eth0"]["security.port_isolation"], "true");
        assert_eq!(
            (own["eth0"]["limits.ingress"].as_str(), own["eth0"]["limits.egress"].as_str()),
            ("10Mbit", "10Mbit")
        );
    }

    #[test]
    fn without_limits_the_devices_stay_the_profiles() {
        assert_eq!(devices(&inherited(), &Limits::default(), Egress::Limited), Devices::new());
    }

    #[test]
    fn where_sending_cannot_be_limited_receiving_still_is() {
        let limits = Limits { network_rate: Some("10Mbit".to_owned()), ..Limits::default() };
        let own = devices(&inherited(), &limits, Egress::Limited);
        assert_eq!(without_egress(&own), devices(&inherited(), &limits, Egress::Unlimited));
        assert!(
            !devices(&inherited(), &limits, Egress::Unlimited)["eth0"]
                .contains_key("limits.egress")
        );
    }
}
