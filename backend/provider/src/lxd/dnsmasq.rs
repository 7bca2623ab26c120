//! What the dnsmasq of the containers' bridge is told beyond what the server tells it.

/// The key of a bridge's configuration that it stands in.
pub(super) const KEY: &str = "raw.dnsmasq";

/// A name and an address that dnsmasq answers for itself.
const HOST: &str = "host-record=";

/// The configuration for a bridge with these families.
///
/// - It asks no other server: one that did would carry anything to whoever runs a zone, past every access list. What it
///   answers is its own names and `hosts`.
/// - Containers get addresses without a net of neighbours around them, so that what one sends to another goes to the
///   bridge's address, where the access list decides, and not to a port that is isolated.
pub(super) fn config(
    bridge: &str,
    ipv4: bool,
    ipv6: bool,
    hosts: impl IntoIterator<Item = impl AsRef<str>>,
) -> String {
    let mut lines = vec!["no-resolv".to_owned()];
    if ipv4 {
        lines.push("dhcp-option-force=1,255.255.255.255".to_owned());
    }
    if ipv6 {
        lines.push(format!("dhcp-range=::,constructor:{bridge},ra-stateless,ra-names,off-link"));
    }
    lines.extend(hosts.into_iter().map(|host| format!("{HOST}{}", host.as_ref())));
    lines.join("\n")
}

/// The hosts of a configuration, as [`config`] takes them.
pub(super) fn hosts_in(config: &str) -> impl Iterator<Item = &str> {
    config.lines().filter_map(|line| line.strip_prefix(HOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_that_is_off_has_no_line() {
        let lines = |ipv4, ipv6| config("br0", ipv4, ipv6, [""; 0]).lines().count();
        assert_eq!((lines(true, true), lines(true, false), lines(false, false)), (3, 2, 1));
        assert!(config("br0", false, true, [""; 0]).contains("constructor:br0,"));
    }

    #[test]
    fn hosts_are_found_again() {
        let hosts = ["example.com,192.0.2.1", "example.org,2001:db8::1"];
        let written = config("br0", true, true, hosts);
        assert!(written.starts_with("no-resolv\n"));
        assert_eq!(hosts_in(&written).collect::<Vec<_>>(), hosts);
        assert_eq!(config("br0", true, true, hosts_in(&written)), written);
    }
}
