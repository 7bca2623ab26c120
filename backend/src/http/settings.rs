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
    /// Where visitors reach the service, like `https://try.example.com` (no path, no trailing slash).
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

/// Which header names the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}
