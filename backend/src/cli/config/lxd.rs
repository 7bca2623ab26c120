//! `[lxd]`: how the server is reached.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use domain::Project;
use provider::lxd::{Address, Https, Settings};
use serde::Deserialize;
use url::Url;

use super::error::Mistake;

/// The LXD (or Incus) server.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Lxd {
    /// Its unix socket; looked for at the usual places when neither this nor `url` is given.
    pub socket: Option<PathBuf>,
    /// Its HTTPS address, in place of the socket.
    pub url: Option<String>,
    /// The client's certificate (PEM file), with `url`.
    pub client_certificate: Option<PathBuf>,
    /// The certificate's key (PEM file), with `url`.
    pub client_key: Option<PathBuf>,
    /// The server's certificate (PEM file): the only one that is believed. With `url`.
    pub server_certificate: Option<PathBuf>,
    /// The project of sources that name none.
    pub project: Project,
    /// The project of sources with `nesting` that name none; the other one's name and `-nested` when left out.
    pub nested_project: Option<Project>,
    /// The cluster member or `@group` for sources that name none.
    pub target: Option<String>,
    /// How many operations may run at once.
    pub parallel: u16,
    /// Percent of a storage pool in use above which no session starts on it.
    pub max_fill: u8,
}

impl Default for Lxd {
    fn default() -> Self {
        Self {
            socket: None,
            url: None,
            client_certificate: None,
            client_key: None,
            server_certificate: None,
            project: "tryit".parse().expect("a valid name"),
            nested_project: None,
            target: None,
            parallel: 8,
            max_fill: 90,
        }
    }
}

impl Lxd {
    /// The project of sources with `nesting` that name none.
    pub fn nested_project(&self) -> Result<Project, Mistake> {
        let usual = || {
            format!("{}-nested", self.project).parse().map_err(|_| {
                Mistake::new("lxd.nested_project", "expected a name, since `lxd.project` is long")
            })
        };
        self.nested_project.clone().map_or_else(usual, Ok)
    }
}

/// Checks the keys and gives the provider's settings. Relative paths start in `base`.
pub(super) fn settings(table: &Lxd, base: &Path) -> Result<Settings, Mistake> {
    let parallel = NonZeroUsize::new(table.parallel.into());
    if table.max_fill > 100 {
        let message = format!("expected percent, 0 to 100, found {}", table.max_fill);
        return Err(Mistake::new("lxd.max_fill", message));
    }
    Ok(Settings {
        address: address(table, base)?,
        parallel: parallel.ok_or_else(|| Mistake::new("lxd.parallel", "expected at least 1"))?,
        ..Settings::default()
    })
}

fn address(table: &Lxd, base: &Path) -> Result<Address, Mistake> {
    let files = [
        ("lxd.client_certificate", &table.client_certificate),
        ("lxd.client_key", &table.client_key),
        ("lxd.server_certificate", &table.server_certificate),
    ];
    let Some(url) = &table.url else {
        if let Some((key, _)) = files.iter().find(|(_, file)| file.is_some()) {
            return Err(Mistake::new(*key, "is for `lxd.url`, which is missing"));
        }
        return Ok(Address::Unix(table.socket.as_ref().map(|socket| base.join(socket))));
    };
    if table.socket.is_some() {
        return Err(Mistake::new("lxd", "expected either `socket` or `url`, found both"));
    }
    let bare = |url: &Url| {
        url.scheme() == "https" && url.has_host() && url.path() == "/" && url.query().is_none()
    };
    if !Url::parse(url).is_ok_and(|url| bare(&url)) {
        let message =
            format!("expected an address like \"https://lxd.example.com:8443\", found {url:?}");
        return Err(Mistake::new("lxd.url", message));
    }
    let file = |(key, file): (&str, &Option<PathBuf>)| match file {
        Some(file) => Ok(base.join(file)),
        None => Err(Mistake::new(key, "expected a PEM file: `lxd.url` needs it")),
    };
    let [client_certificate, client_key, server_certificate] = files;
    Ok(Address::Https(Https {
        url: url.trim_end_matches('/').to_owned(),
        client_certificate: file(client_certificate)?,
        client_key: file(client_key)?,
        server_certificate: file(server_certificate)?,
    }))
}
