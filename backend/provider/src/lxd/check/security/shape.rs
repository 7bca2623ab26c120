//! The configuration and network cards of a container, or of one that would be made.

use super::Findings;
use crate::{
    InstanceKind,
    lxd::{
        shape::{DENIED, DeviceKind, kind},
        wire::{Devices, Keys},
    },
};

/// Says what is weak. The server's names of keys stand in the findings, so that they can be looked for.
pub(super) fn check(of: InstanceKind, config: &Keys, devices: &Devices, findings: &mut Findings) {
    let is = |key: &str, value: &str| config.get(key).map(String::as_str) == Some(value);
    if of == InstanceKind::Container {
        if is("security.privileged", "true") {
            findings.error(
                "is privileged (security.privileged): root in it is root of the server",
                "Take security.privileged out of the source, its profiles or its image's instance",
            );
        }
        if !is("security.idmap.isolated", "true") {
            findings.error(
                "has no ids of its own (security.idmap.isolated)",
                "Take security.idmap.isolated out of the source or its profiles",
            );
        }
        let denied = config.get("security.syscalls.deny").map_or("", String::as_str);
        if !DENIED.lines().all(|rule| denied.lines().any(|line| line == rule)) {
            findings.warning(
                "may make btrfs subvolumes, by which root escapes the disk limit (security.syscalls.deny)",
                "Take security.syscalls.deny out of the source, or the limit holds on another driver's pool",
            );
        }
    }
    let raw = config
        .keys()
        .filter(|key| key.starts_with("raw.") || key.starts_with("security.syscalls.intercept."));
    for key in raw {
        findings.error(
            format!("has {key}, which may undo everything else"),
            format!("Take {key} out of the source or its profiles"),
        );
    }
    if ["security.devlxd", "security.guestapi"].into_iter().any(|key| is(key, "true")) {
        findings.warning(
            "can ask the server about itself (security.devlxd)",
            "Take security.devlxd out of the source",
        );
    }
    for (name, nic) in
        devices.iter().filter(|(name, _)| kind(devices, name) == Some(DeviceKind::Nic))
    {
        let off = |key: &str| nic.get(key).map(String::as_str) != Some("true");
        if off("security.port_isolation") {
            findings.error(
                format!("has a network card {name} without security.port_isolation: it reaches its neighbours"),
                "Set it in the profile, before containers start: tryit setup",
            );
        }
        let filters =
            ["security.mac_filtering", "security.ipv4_filtering", "security.ipv6_filtering"];
        let missing: Vec<_> = filters.into_iter().filter(|key| off(key)).collect();
        if !missing.is_empty() {
            findings.warning(
                format!(
                    "has a network card {name} that may forge addresses (no {})",
                    missing.join(", ")
                ),
                "With nftables, tryit setup sets them in the profile",
            );
        }
    }
}
