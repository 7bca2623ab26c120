//! `[network]`: the bridge of the containers, and what they reach over it.

use std::time::Duration;

use domain::{Project, address};
use provider::{Ports, Protocol};
use serde::Deserialize;

use super::{
    error::Mistake,
    file::Session,
    values::{Parsed, Text},
};
use crate::jobs::outward::{Allowed, Destination, Settings};

/// The containers' network.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Network {
    /// The bridge that `tryit setup` makes; its access list has the same name.
    pub bridge: String,
    /// What containers reach.
    pub allow: Vec<Allow>,
    /// How often the names in `allow` are resolved.
    pub resolve: Parsed<Duration>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            bridge: "tryitbr0".to_owned(),
            allow: Vec::new(),
            resolve: Parsed(Duration::from_secs(5 * 60)),
        }
    }
}

/// Something that containers reach.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allow {
    /// A network, an address or a name.
    pub to: String,
    /// `tcp` or `udp`.
    #[serde(default)]
    pub protocol: ProtocolName,
    /// Ports, and ranges of ports like `"8000-8010"`.
    pub ports: Vec<Text>,
}

/// A protocol with ports.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProtocolName {
    #[default]
    Tcp,
    Udp,
}

/// Checks the keys. `project` is one that uses the bridge, `link` the ports of linked sessions.
pub(super) fn settings(
    table: &Network,
    project: &Project,
    link: Vec<Ports>,
) -> Result<Settings, Mistake> {
    let bridge = &table.bridge;
    // What both an interface and an access list may be called.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = bridge.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !(2..=15).contains(&bridge.len()) || !bridge.chars().all(plain) {
        let message = format!(
            "expected the name of an interface, 2 to 15 of a-z, 0-9 and \"-\", found {bridge:?}"
        );
        return Err(Mistake::new("network.bridge", message));
    }
    let every = table.resolve.0;
    if every < Duration::from_secs(10) {
        let message = format!("expected at least \"10s\", found {every:?}");
        return Err(Mistake::new("network.resolve", message));
    }
    let allow = table.allow.iter().map(allowed).collect::<Result<_, _>>()?;
    Ok(Settings { project: project.clone(), bridge: bridge.clone(), allow, every, link })
}

fn allowed(allow: &Allow) -> Result<Allowed, Mistake> {
    let ports = list(&allow.ports, "network.allow.ports")?;
    let protocol = match allow.protocol {
        ProtocolName::Tcp => Protocol::Tcp,
        ProtocolName::Udp => Protocol::Udp,
    };
    Ok(Allowed { to: destination(&allow.to)?, protocol, ports })
}

/// The ports of linked sessions; none where sessions cannot be linked.
pub(super) fn link(session: &Session) -> Result<Vec<Ports>, Mistake> {
    let ports = list(&session.link_ports, "session.link_ports")?;
    Ok(if session.link { ports } else { Vec::new() })
}

fn list(ports: &[Text], key: &'static str) -> Result<Vec<Ports>, Mistake> {
    let port = |Text(text): &Text| {
        range(text).ok_or_else(|| {
            let message = format!("expected ports like [443, \"8000-8010\"], found {text:?} in it");
            Mistake::new(key, message)
        })
    };
    if ports.is_empty() {
        return Err(Mistake::new(key, "expected at least one port; \"1-65535\" are all"));
    }
    ports.iter().map(port).collect()
}

fn range(text: &str) -> Option<Ports> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let ports = Ports { first: number(first)?, last: number(last)? };
    (ports.first <= ports.last).then_some(ports)
}

fn destination(text: &str) -> Result<Destination, Mistake> {
    if let Ok(network) = text.parse::<address::Network>() {
        return Ok(Destination::Network(network.net()));
    }
    let name = text.to_ascii_lowercase();
    match is_name(&name) {
        true => Ok(Destination::Name(name)),
        false => Err(Mistake::new(
            "network.allow.to",
            format!(
                "expected a network like \"198.51.100.0/24\", an address, or a name like \"deb.debian.org\", found \
                 {text:?}"
            ),
        )),
    }
}

/// A name with a dot in it, of which the last part is no number (RFC 1123, RFC 3696).
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && !last.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let table: Network = toml::from_str(text).map_err(|error| error.to_string())?;
        settings(&table, &"tryit".parse().unwrap(), Vec::new())
            .map_err(|mistake| format!("{}: {}", mistake.key, mistake.message))
    }

    #[test]
    fn nothing_is_reached_unless_it_is_allowed() {
        assert_eq!(read("").unwrap().allow, []);
    }

    #[test]
    fn networks_addresses_and_names_are_taken() {
        for (to, network) in [
            ("198.51.100.7/24", Some("198.51.100.0/24")),
            ("2001:db8::1", Some("2001:db8::1/128")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("Deb.Debian.org", None),
        ] {
            let read = read(&format!("allow = [{{ to = {to:?}, ports = [80, \"8000-8010\"] }}]"));
            let allowed = read.unwrap().allow.remove(0);
            assert_eq!(allowed.ports[1], Ports { first: 8000, last: 8010 });
            match (allowed.to, network) {
                (Destination::Network(net), Some(network)) => assert_eq!(net.to_string(), network),
                (Destination::Name(name), None) => assert_eq!(name, "deb.debian.org"),
                (other, _) => panic!("{to}: {other:?}"),
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        let allow = |to: &str, ports: &str| {
            read(&format!("allow = [{{ to = {to:?}, ports = {ports} }}]")).unwrap_err()
        };
        for to in
            ["localhost", "a b.example", "a.example\nserver=192.0.2.1", "1.2.3.4.5", "-a.b", ""]
        {
            assert!(allow(to, "[80]").starts_with("network.allow.to"), "{to:?}");
        }
        for ports in ["[]", "[0]", "[70000]", "['9-8']", "['http']"] {
            assert!(allow("192.0.2.1", ports).starts_with("network.allow.ports"), "{ports}");
        }
        assert!(read("resolve = \"1s\"").unwrap_err().starts_with("network.resolve"));
        for bridge in ["", "a", "Br0", "a-bridge-too-long", "br 0"] {
            assert!(
                read(&format!("bridge = {bridge:?}")).unwrap_err().starts_with("network.bridge")
            );
        }
    }
}
