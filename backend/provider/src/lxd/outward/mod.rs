//! Tells the server what containers may reach: the rules of the bridge's access list, and the names that its name
//! server answers.
//!
//! Both are written whole, one writer at a time, and only where they are not as they should be. Rules take effect within
//! tens of milliseconds; a change of names starts the bridge's name server anew, which takes about a second.

mod forbidden;
mod rule;
mod subtract;

use domain::InstanceRef;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Lxd, addresses, dnsmasq, fault,
    setup::is_marked,
    wire::{Keys, or_default},
};
use crate::{Error, Host, Outward, Protocol, Result};
pub(super) use rule::Rule;

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
            _ if outward.allow.is_empty() && outward.pairs.is_empty() => return Ok(()),
            Some(_) => return Err(missing(bridge, "was not made by tryit setup")),
            None => return Err(missing(bridge, "is not there")),
        };
        let own = forbidden::networks(&self.api, &outward.project, bridge).await?;
        let rules = rules(outward, &own.all());
        if list.egress != rules || !list.ingress.is_empty() {
            self.api.change(Method::PUT, url, &list.with(&rules)).await?;
        }
        self.answer_names(outward, &own, &mut written).await
    }

    /// Takes away what lets others reach a container that is about to be deleted: its addresses may be somebody else's
    /// next, whether or not anybody has told by then that it is paired no more.
    pub(super) async fn part(&self, instance: &InstanceRef) -> Result<()> {
        let Some(plug) =
            fault::unless_absent(addresses::plug(&self.api, instance).await)?.flatten()
        else {
            return Ok(());
        };
        let _writing = self.names.lock().await;
        let url = self.api.url(Some(&instance.project), ["network-acls", &plug.bridge]);
        let mut list = match self.api.find::<List>(url.clone()).await {
            Ok(Some(list)) => list,
            // Who has no right to the list has written nothing to it.
            Ok(None) | Err(Error::Untrusted(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        if !is_marked(&list.config) || list.egress.iter().all(|rule| rule.source.is_empty()) {
            return Ok(());
        }
        let own = plug.addresses(&self.api, instance).await?;
        let before = list.egress.len();
        list.egress.retain(|rule| !rule.is_of(&own));
        if list.egress.len() == before {
            return Ok(());
        }
        let body = list.with(&list.egress);
        self.api.change(Method::PUT, url, &body).await
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
        let protocol = allow.protocol.as_str();
        (!to.is_empty()).then(|| Rule::allow("", &to.join(","), protocol, &allow.ports))
    };
    outward.allow.iter().filter_map(rule).chain(pairs(outward)).collect()
}

/// The rules of the containers that reach each other: those two addresses alone, in both directions.
pub(super) fn pairs(outward: &Outward) -> impl Iterator<Item = Rule> {
    outward.pairs.iter().flat_map(|pair| {
        let [one, other] = pair.ends;
        let ipv4 = one.ipv4.zip(other.ipv4).map(|(a, b)| [a, b].map(|ip| format!("{ip}/32")));
        let ipv6 = one.ipv6.zip(other.ipv6).map(|(a, b)| [a, b].map(|ip| format!("{ip}/128")));
        ipv4.into_iter().chain(ipv6).flat_map(|[a, b]| {
            let rule = |from, to| Rule::allow(from, to, Protocol::Tcp.as_str(), &pair.ports);
            [rule(&a, &b), rule(&b, &a)]
        })
    })
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

impl List {
    /// It with other rules, as the server takes it.
    fn with(&self, egress: &[Rule]) -> Value {
        json!({
            "description": self.description, "config": self.config, "egress": egress, "ingress": [],
        })
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
    use crate::{Addresses, Allow, Pair, Ports};

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
            pairs: Vec::new(),
        }
    }

    #[test]
    fn a_pair_is_let_through_in_both_directions_and_nobody_else() {
        let end = |ipv4: Option<&str>, ipv6: Option<&str>| Addresses {
            ipv4: ipv4.map(|ip| ip.parse().unwrap()),
            ipv6: ipv6.map(|ip| ip.parse().unwrap()),
        };
        let ports = vec![Ports { first: 8443, last: 8443 }];
        let pair = |one, other| Pair { ends: [one, other], ports: ports.clone() };
        let pairs = vec![
            pair(
                end(Some("192.0.2.1"), Some("2001:db8::1")),
                end(Some("192.0.2.2"), Some("2001:db8::2")),
            ),
            pair(end(Some("192.0.2.3"), None), end(None, Some("2001:db8::4"))),
        ];
        // Neighbours, which `network.allow` never means.
        let never = ["192.0.2.0/24".parse().unwrap(), "2001:db8::/64".parse().unwrap()];
        let rules = rules(&Outward { pairs, ..outward(&["192.0.2.7/32"]) }, &never);
        let said: Vec<_> = rules.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "allow tcp 192.0.2.1/32 192.0.2.2/32 8443",
                "allow tcp 192.0.2.2/32 192.0.2.1/32 8443",
                "allow tcp 2001:db8::1/128 2001:db8::2/128 8443",
                "allow tcp 2001:db8::2/128 2001:db8::1/128 8443",
            ]
        );
        let written = serde_json::to_value(&rules[0]).unwrap();
        assert_eq!(written["source"], "192.0.2.1/32");
        assert_eq!(serde_json::from_value::<Rule>(written).unwrap(), rules[0]);
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
}
