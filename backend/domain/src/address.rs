//! The client's address: canonical before it is compared.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::id::InvalidId;

/// An address in canonical form: IPv4-mapped IPv6 is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address itself.
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// Whether it is IPv4.
    pub fn is_ipv4(self) -> bool {
        self.0.is_ipv4()
    }

    /// What counts as one visitor: the address (IPv4) or its /64 (IPv6).
    pub fn address_key(self) -> AddressKey {
        AddressKey(self.network(32, 64))
    }

    /// What counts as one network: /24 (IPv4) or /48 (IPv6).
    pub fn network_key(self) -> NetworkKey {
        NetworkKey(self.network(24, 48))
    }

    /// 16 bytes that sort like the address, IPv4 as IPv4-mapped IPv6: how bans are compared.
    pub fn sort_key(self) -> [u8; 16] {
        sort_key(self.0)
    }

    fn network(self, v4: u8, v6: u8) -> IpNet {
        match self.0 {
            IpAddr::V4(ip) => IpNet::V4(Ipv4Net::new_assert(ip, v4).trunc()),
            IpAddr::V6(ip) => IpNet::V6(Ipv6Net::new_assert(ip, v6).trunc()),
        }
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(ip: IpAddr) -> Self {
        Self(ip.to_canonical())
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn sort_key(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// What counts as one visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressKey(IpNet);

impl fmt::Display for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What counts as one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkKey(IpNet);

impl fmt::Display for NetworkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A network of the configuration: CIDR, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// Whether a peer or hop belongs to it. The address is made canonical first.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.contains(&ip.to_canonical())
    }

    /// As it is counted with.
    pub fn net(self) -> IpNet {
        self.0.trunc()
    }

    /// Whether every address of its family is in it.
    pub fn is_everything(&self) -> bool {
        self.0.prefix_len() == 0
    }

    /// Its first and last address, as [`ClientAddress::sort_key`] sorts them.
    pub fn sort_range(&self) -> ([u8; 16], [u8; 16]) {
        (sort_key(self.0.network()), sort_key(self.0.broadcast()))
    }

    /// The same without what is not in it: among the addresses of a wide IPv6 network those of IPv4 have their place.
    pub fn sort_ranges(&self) -> Vec<([u8; 16], [u8; 16])> {
        let (low, high) = self.sort_range();
        let [first, last] =
            [Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST].map(|ip| ip.to_ipv6_mapped().to_bits());
        match self.0 {
            IpNet::V6(_) if low <= first.to_be_bytes() && last.to_be_bytes() <= high => {
                vec![(low, (first - 1).to_be_bytes()), ((last + 1).to_be_bytes(), high)]
            }
            _ => vec![(low, high)],
        }
    }

    /// The least network with this one in it that divides nobody: IPv6 addresses of one /64 are one visitor.
    #[must_use]
    pub fn of_whole_visitors(self) -> Self {
        match self.0 {
            IpNet::V6(net) if net.prefix_len() > 64 => {
                Self(IpNet::V6(Ipv6Net::new_assert(net.addr(), 64).trunc()))
            }
            _ => self,
        }
    }
}

/// CIDR, truncated to the network: `198.51.100.7/24` is `198.51.100.0/24`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.trunc().fmt(f)
    }
}

impl FromStr for Network {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        const WRONG: InvalidId = InvalidId("expected a network like 10.0.0.0/8 or fd00::/8");
        let net: IpNet = match text.parse::<IpAddr>() {
            Ok(ip) => IpNet::from(ip),
            Err(_) => text.parse().map_err(|_| WRONG)?,
        };
        // An IPv4-mapped network means the IPv4 one: peers are canonical when they are compared.
        if let IpNet::V6(v6) = net
            && let Some(v4) = v6.addr().to_ipv4_mapped()
            && v6.prefix_len() >= 96
        {
            return Ok(Self(IpNet::V4(Ipv4Net::new_assert(v4, v6.prefix_len() - 96))));
        }
        Ok(Self(net))
    }
}

/// The address `::` stands for when a peer is unknown (a unix socket).
pub const UNKNOWN: ClientAddress = ClientAddress(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> ClientAddress {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_one() {
        assert_eq!(client("::ffff:198.51.100.7"), client("198.51.100.7"));
        assert_eq!(client("::ffff:198.51.100.7").address_key().to_string(), "198.51.100.7/32");
    }

    #[test]
    fn keys_cover_what_one_visitor_and_one_network_can_hold() {
        let v6 = client("2001:db8:1:2:3:4:5:6");
        assert_eq!(v6.address_key().to_string(), "2001:db8:1:2::/64");
        assert_eq!(v6.network_key().to_string(), "2001:db8:1::/48");
        assert_eq!(client("198.51.100.7").network_key().to_string(), "198.51.100.0/24");
    }

    #[test]
    fn a_trusted_network_may_be_written_mapped() {
        let net: Network = "::ffff:10.0.0.0/104".parse().unwrap();
        assert!(net.contains("10.1.2.3".parse().unwrap()));
        assert!(!net.contains("11.1.2.3".parse().unwrap()));
    }

    #[test]
    fn bans_compare_by_bytes() {
        let network: Network = "198.51.100.7/24".parse().unwrap();
        assert_eq!(network.to_string(), "198.51.100.0/24");
        let (low, high) = network.sort_range();
        let inside = client("198.51.100.200").sort_key();
        assert!(low <= inside && inside <= high);
        assert!(client("198.51.101.0").sort_key() > high);
    }

    #[test]
    fn ipv4_is_in_no_ipv6_network() {
        let within = |network: &str, address: &str| {
            let (network, key) = (network.parse::<Network>().unwrap(), client(address).sort_key());
            let found = network.sort_ranges().iter().any(|(low, high)| *low <= key && key <= *high);
            assert_eq!(found, network.contains(address.parse().unwrap()), "{address}");
            found
        };
        for wide in ["::/0", "::/8", "::/80"] {
            assert!(!within(wide, "198.51.100.7"), "{wide}");
            assert!(within(wide, "::1"), "{wide}");
        }
        assert!(within("::/0", "2001:db8::1"));
        assert!(within("0.0.0.0/0", "255.255.255.255"));
        assert!(!within("0.0.0.0/0", "::1"));
        assert!(within("::ffff:198.51.100.0/120", "::ffff:198.51.100.7"));
        assert!(within("2001:db8::/32", "2001:db8:ffff::1"));
    }

    #[test]
    fn a_network_within_one_visitors_addresses_is_all_of_them() {
        let whole = |text: &str| text.parse::<Network>().unwrap().of_whole_visitors().to_string();
        assert_eq!(whole("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(whole("2001:db8::/63"), "2001:db8::/63");
        assert_eq!(whole("198.51.100.7"), "198.51.100.7/32");
    }
}
