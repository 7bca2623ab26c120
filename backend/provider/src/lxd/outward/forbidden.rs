//! Networks that no container is let through to, whatever the configuration says: the bridge's own, by which sessions
//! would reach each other, the server's addresses, and those that mean whoever is nearest.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use domain::Project;
use ipnet::IpNet;

use crate::{
    Result,
    lxd::{
        api::Api,
        interfaces::{self, Address},
    },
};

/// This host, its link (where clouds answer for a machine's secrets), and groups.
const NEAREST: [&str; 9] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/3",
    "::/127",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "fe80::/10",
    "ff00::/8",
];

/// What belongs to the server.
pub(super) struct Own {
    /// The bridge's subnets.
    subnets: Vec<IpNet>,
    /// The machines' addresses.
    addresses: Vec<IpAddr>,
}

impl Own {
    /// Whether the bridge has IPv4.
    pub fn has_ipv4(&self) -> bool {
        self.subnets.iter().any(|net| matches!(net, IpNet::V4(_)))
    }

    /// Whether the bridge has IPv6.
    pub fn has_ipv6(&self) -> bool {
        self.subnets.iter().any(|net| matches!(net, IpNet::V6(_)))
    }

    /// All networks that nothing is let through to.
    pub fn all(&self) -> Vec<IpNet> {
        let nearest = NEAREST.iter().filter_map(|net| net.parse().ok());
        let addresses = self.addresses.iter().map(|ip| IpNet::from(*ip));
        nearest.chain(self.subnets.iter().copied()).chain(addresses).collect()
    }
}

/// What the server tells of its networks, and the addresses of the machine that this program runs on, which is the same
/// one or next to it. A client of restricted rights is told of the bridge alone.
pub(super) async fn networks(api: &Api, project: &Project, bridge: &str) -> Result<Own> {
    let project = Some(project);
    let own = interfaces::addresses(api, project, bridge).await?;
    let subnets = own.iter().filter_map(subnet).collect();
    let mut addresses = local();
    for name in interfaces::names(api, project).await?.iter().filter(|name| *name != bridge) {
        // One that vanished meanwhile has no addresses either.
        let Ok(found) = interfaces::addresses(api, project, name).await else { continue };
        addresses.extend(found.iter().filter_map(Address::ip));
    }
    Ok(Own { subnets, addresses })
}

/// The addresses of this machine; of a table that cannot be read, none.
fn local() -> Vec<IpAddr> {
    let table = |name| fs::read_to_string(format!("/proc/net/{name}")).unwrap_or_default();
    let ipv6 = table("if_inet6").lines().filter_map(ipv6_line).map(IpAddr::V6).collect::<Vec<_>>();
    ipv4_local(&table("fib_trie")).into_iter().map(IpAddr::V4).chain(ipv6).collect()
}

/// A line of `/proc/net/if_inet6` begins with an address of 32 hexadecimal digits.
fn ipv6_line(line: &str) -> Option<Ipv6Addr> {
    u128::from_str_radix(line.split_whitespace().next()?, 16).ok().map(Ipv6Addr::from)
}

/// The addresses in `/proc/net/fib_trie` whose next line calls them local.
fn ipv4_local(table: &str) -> Vec<Ipv4Addr> {
    let lines: Vec<_> = table.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter(|pair| pair[1].starts_with("/32 host LOCAL"));
    pairs.filter_map(|pair| pair[0].strip_prefix("|-- ")?.parse().ok()).collect()
}

/// The subnet around an address; none around one of the link.
fn subnet(address: &Address) -> Option<IpNet> {
    let net = address.net()?;
    let is_link = matches!(net.addr(), IpAddr::V6(ip) if ip.is_unicast_link_local());
    (!is_link).then(|| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_nearest_is_always_there() {
        let own = Own { subnets: Vec::new(), addresses: Vec::new() };
        assert_eq!(own.all().len(), NEAREST.len());
    }

    #[test]
    fn addresses_are_read_as_the_kernel_writes_them() {
        let table = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.0\n        /24 link UNICAST\n     \
                     |-- 10.0.0.7\n        /32 host LOCAL\n";
        assert_eq!(ipv4_local(table), [Ipv4Addr::new(10, 0, 0, 7)]);
        let line = "fe80000000000000021616fffe000001 02 40 20 80 eth0";
        assert_eq!(ipv6_line(line), Some("fe80::216:16ff:fe00:1".parse().unwrap()));
    }

    #[test]
    fn a_link_is_no_subnet() {
        let subnet = |address: &str, netmask: &str| {
            let address = Address { address: address.into(), netmask: netmask.into() };
            subnet(&address).map(|net| net.to_string())
        };
        assert_eq!(subnet("10.0.0.1", "24").as_deref(), Some("10.0.0.0/24"));
        assert_eq!(subnet("fe80::1", "64"), None);
    }
}
