//! A rule of an access list, as the server has it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Addresses, Ports, lxd::wire::Keys};

/// A rule of an access list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Rule {
    pub action: String,
    state: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    pub destination: String,
    pub protocol: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub destination_port: String,
    /// Whatever else somebody wrote.
    #[serde(flatten)]
    rest: Keys,
}

impl Rule {
    /// What lets `source` (anybody where it is empty) through to the ports of `destination`.
    pub fn allow(source: &str, destination: &str, protocol: &str, ports: &[Ports]) -> Self {
        let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
        Self {
            action: "allow".to_owned(),
            state: "enabled".to_owned(),
            source: source.to_owned(),
            destination: destination.to_owned(),
            protocol: protocol.to_owned(),
            destination_port: ports.join(","),
            rest: Keys::new(),
        }
    }

    /// Whether it lets a container with these addresses reach another one, or be reached.
    pub fn is_of(&self, own: &Addresses) -> bool {
        let ipv4 = own.ipv4.map(|ip| format!("{ip}/32"));
        let ipv6 = own.ipv6.map(|ip| format!("{ip}/128"));
        let is_end = |own: String| {
            !self.source.is_empty() && [&self.source, &self.destination].contains(&&own)
        };
        ipv4.into_iter().chain(ipv6).any(is_end)
    }

    /// Whether it says no more than rules of ours do.
    pub fn is_plain(&self) -> bool {
        self.rest.values().all(String::is_empty)
    }
}

/// Like `allow tcp any 192.0.2.0/24 443`: from where, to where, to which ports.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, protocol, source, destination, destination_port, .. } = self;
        let any = |text: &str| if text.is_empty() { "any".to_owned() } else { text.to_owned() };
        let words = [protocol, source, destination, destination_port].map(|text| any(text));
        write!(f, "{action} {}", words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_that_somebody_changed_is_another_one() {
        let rule = json!([{"action": "allow", "state": "enabled", "source_port": "53"}]);
        let rule: Vec<Rule> = serde_json::from_value(rule).unwrap();
        assert_eq!(rule[0].rest["source_port"], "53");
    }
}
