//! `[lxd]`: how the server is reached.

use std::{num::NonZeroUsize, path::Path};

use provider::lxd::{Address, Https, Settings};
use url::Url;

use super::{error::Mistake, file::Lxd};

/// Checks the keys and gives the provider's settings. Relative paths start in `base`.
pub(super) fn settings(table: &Lxd, base: &Path) -> Result<Settings, Mistake> {
    let parallel = NonZeroUsize::new(table.parallel.into());
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
    let file = |(key, file): (&str, &Option<std::path::PathBuf>)| match file {
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
