//! Linked sessions in the server's terms.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use domain::{InstanceRef, SessionId};
use provider::{Addresses, Pair, Ports, Provider};
use store::LinkEnd;

use crate::links::{Links, Peer};

/// Links with the addresses of their containers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Linked {
    links: Vec<[LinkEnd; 2]>,
    addresses: HashMap<InstanceRef, Addresses>,
}

impl Linked {
    /// Asks for the addresses of all containers that are linked. One that cannot be told has none.
    pub async fn ask(provider: &dyn Provider, links: Vec<[LinkEnd; 2]>) -> Self {
        let mut addresses = HashMap::new();
        for end in links.iter().flatten() {
            if !addresses.contains_key(&end.instance) {
                let found = provider.addresses(&end.instance).await.unwrap_or_else(|error| {
                    tracing::debug!(instance = %end.instance, %error, "no addresses of a linked container");
                    Addresses::default()
                });
                addresses.insert(end.instance.clone(), found);
            }
        }
        Self { links, addresses }
    }

    /// The links that it was asked for.
    pub fn links(&self) -> &[[LinkEnd; 2]] {
        &self.links
    }

    /// Whether some container has not got all of its addresses yet, or never gets them.
    pub fn is_incomplete(&self) -> bool {
        self.addresses.values().any(|all| all.ipv4.is_none() || all.ipv6.is_none())
    }

    /// The pairs that are to reach each other on these ports.
    pub fn pairs(&self, ports: &[Ports]) -> Vec<Pair> {
        let pair = |link: &[LinkEnd; 2]| Pair {
            ends: [self.of(&link[0]), self.of(&link[1])],
            ports: ports.to_vec(),
        };
        self.links.iter().map(pair).collect()
    }

    /// Whom each session reaches, where the two have a family in common.
    pub fn peers(&self) -> Links {
        let mut links = Links::new();
        for [one, other] in &self.links {
            for (own, peer) in [(one, other), (other, one)] {
                if let Some(address) = self.reached(own, peer) {
                    links.entry(own.session).or_default().push(Peer {
                        session: peer.session,
                        name: peer.instance.name.clone(),
                        address,
                    });
                }
            }
        }
        links
    }

    fn of(&self, end: &LinkEnd) -> Addresses {
        self.addresses.get(&end.instance).copied().unwrap_or_default()
    }

    /// Where one reaches the other: by IPv4 where both have it, which is the shorter to type.
    fn reached(&self, own: &LinkEnd, peer: &LinkEnd) -> Option<IpAddr> {
        let (own, peer) = (self.of(own), self.of(peer));
        let ipv4 = own.ipv4.and(peer.ipv4).map(IpAddr::V4);
        ipv4.or_else(|| own.ipv6.and(peer.ipv6).map(IpAddr::V6))
    }
}

/// The sessions that reach others now and did not before, or the other way round.
pub(super) fn differing(before: &Links, now: &Links) -> HashSet<SessionId> {
    let all = before.keys().chain(now.keys());
    all.filter(|session| before.get(session) != now.get(session)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(name: &str) -> LinkEnd {
        let instance =
            InstanceRef { project: "tryit".parse().unwrap(), name: name.parse().unwrap() };
        LinkEnd { session: SessionId::random(), instance }
    }

    fn at(ipv4: Option<&str>, ipv6: Option<&str>) -> Addresses {
        Addresses {
            ipv4: ipv4.map(|ip| ip.parse().unwrap()),
            ipv6: ipv6.map(|ip| ip.parse().unwrap()),
        }
    }

    #[test]
    fn each_is_told_where_it_reaches_the_other() {
        let (a, b, c) = (end("tryit-a"), end("tryit-b"), end("tryit-c"));
        let addresses = HashMap::from([
            (a.instance.clone(), at(Some("192.0.2.1"), Some("2001:db8::1"))),
            (b.instance.clone(), at(Some("192.0.2.2"), None)),
            (c.instance.clone(), at(None, Some("2001:db8::3"))),
        ]);
        let links = vec![[a.clone(), b.clone()], [c.clone(), a.clone()], [b.clone(), c.clone()]];
        let linked = Linked { links, addresses };
        let peers = linked.peers();
        let reached = |from: &LinkEnd| -> Vec<_> {
            peers[&from.session].iter().map(|peer| peer.address.to_string()).collect()
        };
        assert_eq!(reached(&a), ["192.0.2.2", "2001:db8::3"]);
        assert_eq!(reached(&b), ["192.0.2.1"], "nothing in common with the third");
        assert_eq!(reached(&c), ["2001:db8::1"]);
        assert!(linked.is_incomplete());

        let alone = Links::from([(b.session, peers[&b.session].clone())]);
        assert_eq!(differing(&peers, &alone), HashSet::from([a.session, c.session]));
    }
}
