//! Tells the server what containers may reach: the rules of the bridge's access list, and the names that its name
//! server answers.
//!
//! Both are written whole, one writer at a time, and only where they are not as they should be. Rules take effect within
//! tens of milliseconds; a change of names starts the bridge's name server anew, which takes about a second.

mod forbidden;
mod subtract;

use std::fmt;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Lxd, dnsmasq,
    setup::is_marked,
    wire::{Keys, or_default},
};
use crate::{Error, Host, Outward, Result};

/// The names that were written last, as far as it is known.
pub(super) type Written = Option<Vec<String>>;

impl Lxd {
    pub(super) async fn write_outward(&self, outward: &Outward) -> Result<()> {
        let mut written = self.names.lock().await;
        let (project, bridge) = (Some(&outward.project), outward.bridge.as_str());
        let url = self.api.url(project, ["network-acls", bridge]);
        let list = match self.api.find::<List>(url.clone()).await? {
            Some(list) if is_marked(&list.config) => list,
            // Nothing is to be let out, and nothing of ours could let it.
            _ if outward.allow.is_empty() => return Ok(()),
            Some(_) => return Err(missing(bridge, "was not made by tryit setup")),
            None => return Err(missing(bridge, "is not there")),
        };
        let own = forbidden::networks(&self.api, &outward.project, bridge).await?;
        let rules = rules(outward, &own.all());
        if list.egress != rules || !list.ingress.is_empty() {
            let body = json!({
                "description": list.description, "config": list.config, "egress": rules, "ingress": [],
            });
            self.api.change(Method::PUT, url, &body).await?;
        }
        self.answer_names(outward, &own, &mut written).await
    }

    /// Has the bridge's name server answer the names.
    async fn answer_names(
        &self,
        outward: &Outward,
        own: &forbidden::Own,
        written: &mut Written,
    ) -> Result<()> {
        let hosts: Vec<_> = outward.hosts.iter().filter_map(host).collect();
        let url = self.api.url(Some(&outward.project), ["networks", &outward.bridge]);
        let config = self.api.get::<Bridge>(url.clone()).await?.config;
        // A client of restricted rights is not told the configuration, and may write it all the same.
        let before = config
            .get(dnsmasq::KEY)
            .map(|text| dnsmasq::hosts_in(text).map(str::to_owned).collect())
            .or_else(|| written.clone());
        if before.as_ref() != Some(&hosts) {
            let text = dnsmasq::config(&outward.bridge, own.has_ipv4(), own.has_ipv6(), &hosts);
            let body = json!({"config": {dnsmasq::KEY: text}});
            self.api.tell_slowly(Method::PATCH, url, &body).await?;
        }
        *written = Some(hosts);
        Ok(())
    }
}

fn missing(bridge: &str, why: &str) -> Error {
    Error::Refused(format!("the network access list {bridge} {why}; make it: tryit setup"))
}

/// The server's rules: what is to be let through, without what is never.
fn rules(outward: &Outward, never: &[ipnet::IpNet]) -> Vec<Rule> {
    let rule = |allow: &crate::Allow| {
        let to: Vec<_> = allow.to.iter().flat_map(|net| subtract::without(*net, never)).collect();
        let to: Vec<_> = to.iter().map(ToString::to_string).collect();
        let ports: Vec<_> = allow.ports.iter().map(ToString::to_string).collect();
        (!to.is_empty()).then(|| Rule {
            action: "allow".to_owned(),
            state: "enabled".to_owned(),
            destination: to.join(","),
            protocol: allow.protocol.as_str().to_owned(),
            destination_port: ports.join(","),
            rest: Keys::new(),
        })
    };
    outward.allow.iter().filter_map(rule).collect()
}

/// `NAME,IPV4,IPV6`; none where there is no address.
fn host(host: &Host) -> Option<String> {
    let (ipv4, ipv6) = (host.ipv4.map(|ip| ip.to_string()), host.ipv6.map(|ip| ip.to_string()));
    let addresses: Vec<_> = ipv4.into_iter().chain(ipv6).collect();
    (!addresses.is_empty()).then(|| format!("{},{}", host.name, addresses.join(",")))
}

/// An access list.
#[derive(Deserialize)]
pub(super) struct List {
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "or_default")]
    config: Keys,
    #[serde(default, deserialize_with = "or_default")]
    pub egress: Vec<Rule>,
    #[serde(default, deserialize_with = "or_default")]
    pub ingress: Vec<Value>,
}

/// A rule of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Rule {
    pub action: String,
    state: String,
    pub destination: String,
    pub protocol: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub destination_port: String,
    /// Whatever else somebody wrote.
    #[serde(flatten)]
    rest: Keys,
}

impl Rule {
    /// Whether it says no more than rules of ours do.
    pub fn is_plain(&self) -> bool {
        self.rest.values().all(String::is_empty)
    }
}

/// Like `allow tcp 192.0.2.0/24 443`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, protocol, destination, destination_port, .. } = self;
        let any = |text: &str| if text.is_empty() { "any".to_owned() } else { text.to_owned() };
        let words = [protocol, destination, destination_port].map(|text| any(text));
        write!(f, "{action} {}", words.join(" "))
    }
}

#[derive(Deserialize)]
struct Bridge {
    #[serde(default, deserialize_with = "or_default")]
    config: Keys,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Allow, Ports, Protocol};

    fn outward(to: &[&str]) -> Outward {
        Outward {
            project: "tryit".parse().unwrap(),
            bridge: "tryitbr0".to_owned(),
            allow: vec![Allow {
                to: to.iter().map(|net| net.parse().unwrap()).collect(),
                protocol: Protocol::Tcp,
                ports: vec![Ports { first: 80, last: 80 }, Ports { first: 8000, last: 8010 }],
            }],
            hosts: Vec::new(),
        }
    }

    #[test]
    fn a_rule_is_written_as_the_server_reads_it() {
        let rules = rules(&outward(&["192.0.2.0/24", "2001:db8::1/128"]), &[]);
        let written = serde_json::to_value(&rules).unwrap();
        assert_eq!(
            written,
            json!([{
                "action": "allow", "state": "enabled", "protocol": "tcp",
                "destination": "192.0.2.0/24,2001:db8::1/128", "destination_port": "80,8000-8010",
            }])
        );
        assert_eq!(serde_json::from_value::<Vec<Rule>>(written).unwrap(), rules);
    }

    #[test]
    fn what_is_never_let_through_is_taken_out_and_an_empty_rule_is_none() {
        let never = ["192.0.2.1/32".parse().unwrap()];
        assert_eq!(rules(&outward(&["192.0.2.1/32"]), &never), []);
        let rules = rules(&outward(&["192.0.2.0/31"]), &never);
        assert_eq!(rules[0].destination, "192.0.2.0/32");
    }

    #[test]
    fn a_rule_that_somebody_changed_is_another_one() {
        let rule = json!([{"action": "allow", "state": "enabled", "source": "192.0.2.1/32"}]);
        let rule: Vec<Rule> = serde_json::from_value(rule).unwrap();
        assert_eq!(rule[0].rest["source"], "192.0.2.1/32");
    }
}
