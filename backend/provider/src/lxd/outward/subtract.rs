//! A network without some others.

use ipnet::IpNet;

/// The networks that cover all of `net` but what is in `others`.
pub(super) fn without(net: IpNet, others: &[IpNet]) -> Vec<IpNet> {
    let net = net.trunc();
    if others.iter().any(|other| other.contains(&net)) {
        return Vec::new();
    }
    if !others.iter().any(|other| net.contains(other)) {
        return vec![net];
    }
    // Something in it is to go, so it is no single address.
    match net.subnets(net.prefix_len() + 1) {
        Ok(halves) => halves.flat_map(|half| without(half, others)).collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(net: &str, others: &[&str]) -> Vec<String> {
        let others: Vec<_> = others.iter().map(|net| net.parse().unwrap()).collect();
        without(net.parse().unwrap(), &others).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_address_in_it_splits_it() {
        assert_eq!(
            left("192.0.2.0/29", &["192.0.2.3/32"]),
            ["192.0.2.0/31", "192.0.2.2/32", "192.0.2.4/30"]
        );
        assert_eq!(left("192.0.2.3/32", &["192.0.2.3/32"]), [""; 0]);
        assert_eq!(left("10.1.0.0/16", &["10.0.0.0/8"]), [""; 0]);
        assert_eq!(left("192.0.2.7/24", &["198.51.100.1/32", "::/0"]), ["192.0.2.0/24"]);
    }

    #[test]
    fn all_of_a_family_can_be_split() {
        let left = left("::/0", &["fd00::/8", "2001:db8::1/128"]);
        assert_eq!(left.len(), 7 + 127);
        assert!(!left.contains(&"::/0".to_owned()));
    }
}
