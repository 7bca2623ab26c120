//! Who asks: the peer's address or, from a trusted proxy only, the one that the configured header names.
//!
//! Lines of the header are joined and read from right to left past the trusted networks. What cannot be parsed ends
//! the walk at the last trusted hop, so that a visitor can only ever choose among addresses nobody believes.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderMap;
use domain::{ClientAddress, address::Network};

use super::settings::ClientHeader;

/// The client's address.
///
/// `peer` is the connection's other end; `trusted` are the proxies that are believed, and `header` the one header
/// that they are believed for.
pub fn client_address(
    peer: IpAddr,
    headers: &HeaderMap,
    header: ClientHeader,
    trusted: &[Network],
) -> ClientAddress {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut last = peer;
    if !is_trusted(peer) {
        return last.into();
    }
    let lines: Vec<_> = match header {
        ClientHeader::XForwardedFor => headers.get_all("x-forwarded-for"),
        ClientHeader::Forwarded => headers.get_all("forwarded"),
    }
    .map(|value| String::from_utf8_lossy(value.as_bytes()))
    .collect();
    let hops = lines.join(",");
    for hop in split_unquoted(&hops, ',').into_iter().rev() {
        let Some(ip) = hop_address(hop, header) else { break };
        last = ip;
        if !is_trusted(ip) {
            break;
        }
    }
    last.into()
}

fn hop_address(hop: &str, header: ClientHeader) -> Option<IpAddr> {
    match header {
        ClientHeader::XForwardedFor => node_address(hop.trim()),
        ClientHeader::Forwarded => {
            let mut names =
                split_unquoted(hop, ';').into_iter().filter_map(|pair| pair.split_once('='));
            let (_, value) = names.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
            node_address(value.trim().trim_matches('"'))
        }
    }
}

/// `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:80`; none for `unknown`, names that
/// start with `_`, and everything else.
fn node_address(node: &str) -> Option<IpAddr> {
    if let Ok(ip) = node.parse() {
        return Some(ip);
    }
    if let Ok(socket) = node.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    node.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Splits where a separator stands outside quotes.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        if c == '"' {
            quoted = !quoted;
        }
        c == separator && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn ask(peer: &str, header: ClientHeader, lines: &[(&str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        client_address(peer.parse().unwrap(), &headers, header, &trusted).to_string()
    }

    fn xff(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        ask(peer, ClientHeader::XForwardedFor, &lines)
    }

    fn forwarded(lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
        ask("10.0.0.1", ClientHeader::Forwarded, &lines)
    }

    #[test]
    fn an_untrusted_peer_speaks_for_itself_only() {
        assert_eq!(xff("198.51.100.7", &["203.0.113.9"]), "198.51.100.7");
        assert_eq!(xff("::ffff:198.51.100.7", &["203.0.113.9"]), "198.51.100.7");
    }

    #[test]
    fn a_trusted_proxy_is_believed_from_right_to_left() {
        assert_eq!(xff("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.2.2.2"]), "198.51.100.7");
        assert_eq!(xff("10.0.0.1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(xff("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
        assert_eq!(xff("10.0.0.1", &["10.3.3.3, 10.2.2.2"]), "10.3.3.3");
        assert_eq!(xff("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_cannot_be_parsed_ends_the_walk_at_the_last_trusted_hop() {
        for junk in ["unknown", "_hidden", "", "1.2.3.4.5", "[2001:db8::1", "🦊"] {
            assert_eq!(
                xff("10.0.0.1", &[&format!("203.0.113.9, {junk}, 10.2.2.2")]),
                "10.2.2.2",
                "{junk}"
            );
        }
    }

    #[test]
    fn ports_and_brackets_are_taken_off() {
        assert_eq!(xff("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(xff("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(xff("10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(xff("10.0.0.1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn the_forwarded_header_is_read_by_its_grammar() {
        assert_eq!(forwarded(&["for=198.51.100.7;proto=https;by=10.0.0.1"]), "198.51.100.7");
        assert_eq!(forwarded(&["For=\"[2001:db8::7]:4711\";host=\"a,b;c\""]), "2001:db8::7");
        assert_eq!(
            forwarded(&["for=203.0.113.9, for=198.51.100.7", "for=10.2.2.2"]),
            "198.51.100.7"
        );
        assert_eq!(forwarded(&["for=203.0.113.9, for=unknown, for=10.2.2.2"]), "10.2.2.2");
        assert_eq!(forwarded(&["for=203.0.113.9, for=\"_x;y\", for=10.2.2.2"]), "10.2.2.2");
        assert_eq!(forwarded(&["for=203.0.113.9, proto=https, for=10.2.2.2"]), "10.2.2.2");
    }

    #[test]
    fn the_other_header_is_ignored() {
        let lines = [("x-forwarded-for", "203.0.113.9")];
        assert_eq!(ask("10.0.0.1", ClientHeader::Forwarded, &lines), "10.0.0.1");
    }
}
