//! The keys of the web server: where it listens, under which names, and who may frame it.

use std::net::SocketAddr;

use url::{Host, Url};

use super::{
    error::Mistake,
    file::{self, File},
};
use crate::http::settings::{ClientHeader, Settings};

/// Checks the keys and gives the web server's settings.
pub(super) fn settings(file: &File) -> Result<Settings, Mistake> {
    let listen = file.listen.0;
    Ok(Settings {
        listen,
        workers: workers(file.server.workers)?,
        public_url: public_url(file.public_url.as_deref(), listen)?,
        hosts: hosts(&file.server.hosts)?,
        trusted: file.trusted_networks.iter().map(|network| network.0).collect(),
        client_header: match file.client_header {
            file::ClientHeader::XForwardedFor => ClientHeader::XForwardedFor,
            file::ClientHeader::Forwarded => ClientHeader::Forwarded,
        },
        frame_ancestors: frame_ancestors(&file.frame_ancestors)?,
    })
}

fn workers(workers: Option<u16>) -> Result<Option<usize>, Mistake> {
    match workers {
        Some(0) => Err(Mistake::new(
            "server.workers",
            "expected at least 1; leave the key out for one per core",
        )),
        other => Ok(other.map(usize::from)),
    }
}

/// The origin that visitors use. Only a loopback listener has one by itself.
fn public_url(text: Option<&str>, listen: SocketAddr) -> Result<String, Mistake> {
    let wrong = |message: String| Err(Mistake::new("public_url", message));
    let local = listen.ip().is_loopback().then(|| format!("http://{listen}"));
    let Some(text) = text.or(local.as_deref()) else {
        return wrong(format!(
            "expected where visitors reach the service, like \"https://try.example.com\", since `listen` ({listen}) \
             is no loopback address"
        ));
    };
    match origin(text) {
        Some(origin) => Ok(origin),
        None => wrong(format!(
            "expected a URL of scheme, host and perhaps port, without a path, like \"https://try.example.com\", \
             found {text:?}"
        )),
    }
}

/// The origin that the text is, if it is nothing else.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    bare.then(|| url.origin().ascii_serialization())
}

fn hosts(hosts: &[String]) -> Result<Vec<String>, Mistake> {
    let host = |(at, text): (usize, &String)| match origin(&format!("http://{text}")) {
        Some(_) if !text.ends_with('/') => Ok(text.to_lowercase()),
        _ => Err(Mistake::new(
            format!("server.hosts[{at}]"),
            format!(
                "expected a host, perhaps with a port, like \"try.example.com\", found {text:?}"
            ),
        )),
    };
    hosts.iter().enumerate().map(host).collect()
}

fn frame_ancestors(list: &[String]) -> Result<Vec<String>, Mistake> {
    let alone = list.len() == 1;
    for (at, text) in list.iter().enumerate() {
        let right = match text.as_str() {
            "'self'" => true,
            "'none'" | "*" => alone,
            other => is_frame_origin(other),
        };
        if !right {
            return Err(Mistake::new(
                format!("frame_ancestors[{at}]"),
                format!(
                    "expected an origin like \"https://www.example.com\" or \"https://*.example.com\", \"'self'\", or \
                     alone \"'none'\" or \"*\", found {text:?}"
                ),
            ));
        }
    }
    match list {
        [] => Ok(vec!["'none'".to_owned()]),
        list => Ok(list.to_vec()),
    }
}

/// An origin whose host may begin with `*.`; nothing that could end the directive.
fn is_frame_origin(text: &str) -> bool {
    let plain = text.replacen("://*.", "://", 1);
    let named = || Url::parse(&plain).is_ok_and(|url| matches!(url.host(), Some(Host::Domain(_))));
    !plain.contains([' ', ';', ',', '*', '\''])
        && origin(&plain).is_some()
        && (plain == text || named())
}
