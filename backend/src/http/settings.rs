//! What the web server is told by the configuration.

use std::net::SocketAddr;

use domain::address::Network;

/// Settings of the web server. `listen` and `workers` are read once, at the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Worker threads; one per core when absent.
    pub workers: Option<usize>,
    /// Where visitors reach the service: an origin as browsers write it, like `https://try.example.com`.
    pub public_url: String,
    /// Further `Host` values that are admitted.
    pub hosts: Vec<String>,
    /// Proxies that are believed.
    pub trusted: Vec<Network>,
    /// The one header that a trusted proxy is believed for.
    pub client_header: ClientHeader,
    /// Origins that may frame `/e/…`, as in the `frame-ancestors` directive.
    pub frame_ancestors: Vec<String>,
}

impl Settings {
    /// The public URL's host and, where it is not the scheme's own, port: what a browser sends as `Host`.
    pub fn authority(&self) -> &str {
        self.public_url.split_once("://").map_or("", |(_, authority)| authority)
    }
}

/// Which header names the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}
