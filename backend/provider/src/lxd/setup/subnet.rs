//! Chooses private subnets.

use std::{
    fs,
    net::{Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use sha2::{Digest, Sha256};

/// The private networks, in the order in which they are tried.
const PRIVATE: [(Ipv4Addr, u8); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// A gateway in a /24 of which nothing is taken. `seed` decides where the search begins, so that two servers seldom
/// choose the same.
pub(super) fn ipv4(seed: &str, taken: &[IpNet]) -> Option<Ipv4Net> {
    PRIVATE.into_iter().find_map(|(network, prefix)| {
        let count = 1_u32 << (24 - prefix);
        let begin = number(seed) as u32 % count;
        (0..count).find_map(|step| {
            let base = u32::from(network) + (((begin + step) % count) << 8);
            let gateway = Ipv4Net::new(Ipv4Addr::from(base + 1), 24).ok()?;
            is_free(IpNet::V4(gateway), taken).then_some(gateway)
        })
    })
}

/// A gateway in a unique local /64 (RFC 4193): 40 bits that the seed decides, instead of random ones, so that a
/// repetition on the same server chooses the same.
pub(super) fn ipv6(seed: &str, taken: &[IpNet]) -> Ipv6Net {
    let global = number(seed) & 0xff_ffff_ffff;
    let gateway = |subnet: u64| {
        let high = 0xfd << 56 | global << 16 | subnet;
        Ipv6Net::new_assert(Ipv6Addr::from(u128::from(high) << 64 | 1), 64)
    };
    // Of 65,536 subnets that nobody else can know of, one is free.
    (0..=0xffff)
        .map(gateway)
        .find(|net| is_free(IpNet::V6(*net), taken))
        .unwrap_or_else(|| gateway(0))
}

fn number(seed: &str) -> u64 {
    Sha256::digest(seed).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn is_free(net: IpNet, taken: &[IpNet]) -> bool {
    let overlaps = |other: &IpNet| other.contains(&net.network()) || net.contains(&other.network());
    !taken.iter().filter(|other| other.prefix_len() > 0).any(overlaps)
}

/// Where this machine's routes lead to; of a table that cannot be read, nothing.
pub(super) fn local_routes() -> Vec<IpNet> {
    let table = |name| fs::read_to_string(format!("/proc/net/{name}")).unwrap_or_default();
    let mut routes: Vec<_> = table("route").lines().filter_map(ipv4_route).map(IpNet::V4).collect();
    routes.extend(table("ipv6_route").lines().filter_map(ipv6_route).map(IpNet::V6));
    routes
}

/// A line of `/proc/net/route`: destination and mask are the second and eighth column, in the machine's byte order.
fn ipv4_route(line: &str) -> Option<Ipv4Net> {
    let mut columns = line.split_whitespace();
    let mut address = |column| {
        let number = u32::from_str_radix(columns.nth(column)?, 16).ok()?;
        Some(Ipv4Addr::from(number.to_ne_bytes()))
    };
    let (destination, mask) = (address(1)?, address(5)?);
    Ipv4Net::with_netmask(destination, mask).ok()
}

/// A line of `/proc/net/ipv6_route`: destination and prefix length are the first two columns.
fn ipv6_route(line: &str) -> Option<Ipv6Net> {
    let mut columns = line.split_whitespace();
    let destination = u128::from_str_radix(columns.next()?, 16).ok()?;
    let prefix = u8::from_str_radix(columns.next()?, 16).ok()?;
    Ipv6Net::new(Ipv6Addr::from(destination), prefix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn nothing_that_is_taken_is_chosen() {
        let free = ipv4("seed", &[]).unwrap();
        assert!(free.to_string().starts_with("10.") && free.to_string().ends_with(".1/24"));
        let next = ipv4("seed", &[IpNet::V4(free)]).unwrap();
        assert_ne!(free, next);
        let wide = format!("{}/20", free.addr()).parse().unwrap();
        assert!(is_free(IpNet::V4(ipv4("seed", &[wide]).unwrap()), &[wide]));
    }

    #[test]
    fn a_route_to_all_of_10_leads_elsewhere() {
        assert!(ipv4("seed", &nets(&["10.0.0.0/8"])).unwrap().to_string().starts_with("172."));
        assert_eq!(ipv4("seed", &nets(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])), None);
    }

    #[test]
    fn the_default_route_takes_nothing() {
        assert!(ipv4("seed", &nets(&["0.0.0.0/0", "::/0"])).is_some());
    }

    #[test]
    fn ipv6_is_local_stable_and_avoids_its_own_kind() {
        let chosen = ipv6("seed", &[]);
        assert!(chosen.to_string().starts_with("fd") && chosen.prefix_len() == 64);
        assert_eq!(chosen, ipv6("seed", &[]));
        assert_ne!(chosen, ipv6("another", &[]));
        assert_ne!(chosen, ipv6("seed", &[IpNet::V6(chosen)]));
    }

    #[test]
    fn routes_are_read_as_the_kernel_writes_them() {
        if cfg!(target_endian = "little") {
            let line = "eth0\t0001E70A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";
            assert_eq!(ipv4_route(line).unwrap().to_string(), "10.231.1.0/24");
        }
        assert_eq!(
            ipv4_route("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask"),
            None
        );
        let line =
            "fd427472797400010000000000000000 40 0 00 0 00000100 00000001 00000000 00000001 lo";
        assert_eq!(ipv6_route(line).unwrap().to_string(), "fd42:7472:7974:1::/64");
    }
}
