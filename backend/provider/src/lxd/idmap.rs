//! Whether a container's ids are its own.
//!
//! Servers have been seen to give two containers that are made at the same time the same range; root of one is then
//! root of the other, as far as files and processes on the host go.

use std::ops::Range;

use super::wire::{Instance, Keys};

/// What a container gets unless it asks for more.
const USUAL: u64 = 65_536;

/// The name of another container that has ids of `instance`.
pub(super) fn sharer<'a>(instance: &Instance, all: &'a [Instance]) -> Option<&'a str> {
    let own = ids(instance)?;
    let is_other =
        |other: &&Instance| (&other.project, &other.name) != (&instance.project, &instance.name);
    let overlaps = |other: &&Instance| {
        ids(other).is_some_and(|ids| ids.start < own.end && own.start < ids.end)
    };
    all.iter().filter(is_other).find(overlaps).map(|other| other.name.as_str())
}

/// The ids of an isolated container on the host; none where it is not isolated (or a virtual machine).
fn ids(instance: &Instance) -> Option<Range<u64>> {
    let number = |keys: &Keys, key: &str| keys.get(key).and_then(|text| text.parse().ok());
    if instance.expanded_config.get("security.idmap.isolated").map(String::as_str) != Some("true") {
        return None;
    }
    let base: u64 = number(&instance.config, "volatile.idmap.base")?;
    let size: u64 = number(&instance.expanded_config, "security.idmap.size").unwrap_or(USUAL);
    Some(base..base.saturating_add(size))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instance(name: &str, project: &str, base: u64, more: &[(&str, &str)]) -> Instance {
        let mut expanded = json!({"security.idmap.isolated": "true"});
        for (key, value) in more {
            expanded[key] = json!(value);
        }
        serde_json::from_value(json!({
            "name": name,
            "project": project,
            "config": {"volatile.idmap.base": base.to_string()},
            "expanded_config": expanded,
        }))
        .unwrap()
    }

    #[test]
    fn the_same_range_is_shared_whatever_the_project() {
        let own = instance("a", "tryit", 1_000_000, &[]);
        let all = [instance("a", "tryit", 1_000_000, &[]), instance("a", "other", 1_000_000, &[])];
        assert_eq!(sharer(&own, &all), Some("a"));
        assert_eq!(sharer(&own, &all[..1]), None);
    }

    #[test]
    fn neighbours_share_nothing() {
        let own = instance("a", "p", 1_065_536, &[]);
        let all = [instance("b", "p", 1_000_000, &[]), instance("c", "p", 1_131_072, &[])];
        assert_eq!(sharer(&own, &all), None);
    }

    #[test]
    fn a_nested_neighbour_reaches_further() {
        let own = instance("a", "p", 1_131_072, &[]);
        let all = [instance("b", "p", 1_000_000, &[("security.idmap.size", "262144")])];
        assert_eq!(sharer(&own, &all), Some("b"));
    }

    #[test]
    fn who_is_not_isolated_has_no_range_of_its_own() {
        let own = instance("a", "p", 1_000_000, &[]);
        let all = [instance("b", "p", 1_000_000, &[("security.idmap.isolated", "false")])];
        assert_eq!(sharer(&own, &all), None);
    }
}
