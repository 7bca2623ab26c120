//! The bridge: its access list, what the list lets through, and its name server.

use super::Findings;
use crate::{
    Error, Outward,
    lxd::{
        Lxd, dnsmasq,
        outward::{List, Rule, pairs},
        wire::{Keys, or_default},
    },
};
use serde::Deserialize;

pub(super) async fn check(lxd: &Lxd, outward: &Outward, findings: &mut Findings) {
    let bridge = outward.bridge.as_str();
    let url = |kind: &str| lxd.api.url(Some(&outward.project), [kind, bridge]);
    match lxd.api.find::<Bridge>(url("networks")).await {
        Ok(Some(found)) if found.config.is_empty() => findings.warning(
            "its configuration is not shown to this client",
            "Look at it as root, over LXD's socket: tryit check --security",
        ),
        Ok(Some(found)) => check_bridge(bridge, &found.config, findings),
        Ok(None) => findings.error("is not there", "Make it: tryit setup"),
        Err(error) => unreadable(&error, findings),
    }
    match lxd.api.find::<List>(url("network-acls")).await {
        Ok(Some(list)) => check_list(outward, &list, findings),
        Ok(None) => findings.error("has no access list of its name", "Make it: tryit setup"),
        Err(error) => unreadable(&error, findings),
    }
}

fn unreadable(error: &Error, findings: &mut Findings) {
    findings.warning(format!("can't be read: {error}"), "See: tryit check");
}

fn check_bridge(name: &str, config: &Keys, findings: &mut Findings) {
    let is = |key: &str, value: &str| config.get(key).map(String::as_str) == Some(value);
    let attached = config.get("security.acls").map_or("", String::as_str);
    if !attached.split(',').any(|list| list.trim() == name) {
        findings.error(
            "its access list is not attached (security.acls): containers reach everything",
            "Attach it: tryit setup",
        );
    }
    for way in ["ingress", "egress"] {
        let key = format!("security.acls.default.{way}.action");
        // Refusing is what the server takes an absent key for.
        if config.contains_key(&key) && !is(&key, "reject") && !is(&key, "drop") {
            findings.error(
                format!("what its access list does not name is let through ({key})"),
                "Refuse it: tryit setup",
            );
        }
    }
    let dnsmasq = config.get(dnsmasq::KEY).map_or("", String::as_str);
    let forwards = |line: &str| line.starts_with("server=") || line.starts_with("resolv-file=");
    if !dnsmasq.lines().any(|line| line == "no-resolv") || dnsmasq.lines().any(forwards) {
        findings.error(
            "its name server (dnsmasq) forwards what it is asked: a way out past every access list (raw.dnsmasq)",
            "Let it ask nobody: tryit setup",
        );
    }
}

fn check_list(outward: &Outward, list: &List, findings: &mut Findings) {
    let remedy = "The running service puts it back within `network.resolve`; is it running?";
    if !list.ingress.is_empty() {
        findings.error("its access list lets something in, which the service never does", remedy);
    }
    for rule in list.egress.iter().filter(|rule| !is_wanted(outward, rule)) {
        findings.error(
            format!("its access list lets through what the configuration does not list: {rule}"),
            remedy,
        );
    }
}

/// Whether some entry of the configuration covers the rule, or two containers that are linked.
fn is_wanted(outward: &Outward, rule: &Rule) -> bool {
    let covers = |allow: &crate::Allow| {
        let ports: Vec<_> = allow.ports.iter().map(ToString::to_string).collect();
        let is_in = |text: &str| {
            let net = text.parse::<ipnet::IpNet>();
            net.is_ok_and(|net| allow.to.iter().any(|wanted| wanted.contains(&net)))
        };
        rule.is_plain()
            && rule.source.is_empty()
            && rule.protocol == allow.protocol.as_str()
            && rule.destination_port == ports.join(",")
            && (allow.to.is_empty() || rule.destination.split(',').all(is_in))
    };
    rule.action != "allow"
        || outward.allow.iter().any(covers)
        || pairs(outward).any(|pair| pair == *rule)
}

#[derive(Deserialize)]
struct Bridge {
    #[serde(default, deserialize_with = "or_default")]
    config: Keys,
}
