//! The addresses that names had lately. Pure.
//!
//! Large services answer with a few of their addresses, other ones each time. So an address stays for a while after it
//! was last heard of, and the one that containers are told is kept as long as it may still be used: telling them another
//! starts the bridge's name server anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::{Duration, Instant},
};

use provider::Host;

/// How long an address stays after it was last heard of.
const KEEP: Duration = Duration::from_secs(30 * 60);

/// How many addresses of one name are kept; whoever runs its zone decides how many there are.
const MOST: usize = 64;

/// What is known of all names.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<String, Name>);

/// What is known of one.
#[derive(Debug, Default)]
struct Name {
    /// Its addresses, and when each was last heard of.
    heard: BTreeMap<IpAddr, Instant>,
    /// What containers are told: an IPv4 and an IPv6 address.
    told: [Option<IpAddr>; 2],
}

impl Known {
    /// Whether nothing is known of any name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all other names.
    pub fn keep(&mut self, names: &BTreeSet<&str>) {
        self.0.retain(|name, _| names.contains(name.as_str()));
    }

    /// Takes an answer in. Without one, what is known stays.
    pub fn found(&mut self, name: &str, addresses: &[IpAddr], now: Instant) {
        let known = self.0.entry(name.to_owned()).or_default();
        known.heard.retain(|_, last| now.duration_since(*last) < KEEP);
        for address in addresses {
            if known.heard.len() < MOST || known.heard.contains_key(address) {
                known.heard.insert(*address, now);
            }
        }
        let heard = &known.heard;
        for (told, is_its) in known.told.iter_mut().zip([IpAddr::is_ipv4, IpAddr::is_ipv6]) {
            if told.is_none_or(|address| !heard.contains_key(&address)) {
                let known = addresses.iter().filter(|address| heard.contains_key(address));
                *told = known.copied().find(is_its);
            }
        }
    }

    /// The addresses of a name.
    pub fn addresses(&self, name: &str) -> impl Iterator<Item = IpAddr> {
        self.0.get(name).into_iter().flat_map(|known| known.heard.keys().copied())
    }

    /// What containers are told of a name.
    pub fn host(&self, name: &str) -> Option<Host> {
        let [ipv4, ipv6] = self.0.get(name)?.told;
        let (ipv4, ipv6) = (
            ipv4.and_then(|ip| if let IpAddr::V4(ip) = ip { Some(ip) } else { None }),
            ipv6.and_then(|ip| if let IpAddr::V6(ip) = ip { Some(ip) } else { None }),
        );
        Some(Host { name: name.to_owned(), ipv4, ipv6 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn an_address_stays_a_while_and_what_is_told_as_long() {
        let (mut known, start) = (Known::default(), Instant::now());
        let after = |minutes: u64| start + Duration::from_secs(60 * minutes);
        known.found("a.example", &ips(&["192.0.2.1", "2001:db8::1"]), start);
        known.found("a.example", &ips(&["192.0.2.2"]), after(20));
        let told = known.host("a.example").unwrap();
        assert_eq!(told.ipv4.unwrap().to_string(), "192.0.2.1");
        assert_eq!(told.ipv6.unwrap().to_string(), "2001:db8::1");
        assert_eq!(known.addresses("a.example").count(), 3);

        known.found("a.example", &ips(&["192.0.2.3", "192.0.2.2"]), after(40));
        let told = known.host("a.example").unwrap();
        assert_eq!((told.ipv4.unwrap().to_string(), told.ipv6), ("192.0.2.3".to_owned(), None));
        let left: Vec<_> = known.addresses("a.example").map(|ip| ip.to_string()).collect();
        assert_eq!(left, ["192.0.2.2", "192.0.2.3"]);
    }

    #[test]
    fn a_zone_cannot_make_the_list_as_long_as_it_likes() {
        let mut known = Known::default();
        let many: Vec<_> = (0..1000_u32).map(|n| IpAddr::from(n.to_be_bytes())).collect();
        known.found("a.example", &many, Instant::now());
        assert_eq!(known.addresses("a.example").count(), MOST);
    }

    #[test]
    fn a_name_that_is_not_wanted_any_more_is_forgotten() {
        let mut known = Known::default();
        known.found("a.example", &ips(&["192.0.2.1"]), Instant::now());
        known.keep(&BTreeSet::from(["b.example"]));
        assert_eq!((known.addresses("a.example").count(), known.host("a.example")), (0, None));
    }
}
