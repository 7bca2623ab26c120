//! The keys that are read once, at the start: a change of one needs a restart, and is told.

use std::path::{Path, PathBuf};

use super::{file::File, lxd};

/// What the keys that are read once come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Once(Vec<(&'static str, String)>);

impl Once {
    /// Reads them. Written otherwise but meaning the same is no change.
    pub fn new(file: &File, database: &Path) -> Self {
        let lxd::Lxd {
            socket,
            url,
            client_certificate,
            client_key,
            server_certificate,
            parallel,
            ..
        } = &file.lxd;
        let path = |path: &Option<PathBuf>| format!("{path:?}");
        Self(vec![
            ("listen", file.listen.0.to_string()),
            ("database", database.display().to_string()),
            ("server.workers", format!("{:?}", file.server.workers)),
            ("log.format", format!("{:?}", file.log.format)),
            ("lxd.socket", path(socket)),
            ("lxd.url", format!("{url:?}")),
            ("lxd.client_certificate", path(client_certificate)),
            ("lxd.client_key", path(client_key)),
            ("lxd.server_certificate", path(server_certificate)),
            ("lxd.parallel", parallel.to_string()),
            ("network.bridge", file.network.bridge.clone()),
        ])
    }

    /// The keys that are not what they are in `other`.
    pub fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'static str> + 'a {
        self.0.iter().filter(|entry| !other.0.contains(entry)).map(|(key, _)| *key)
    }
}
