//! `[source.NAME]`: what session containers are made from, and in what shape.

use std::{collections::BTreeMap, time::Duration};

use domain::{Project, SourceName};
use indexmap::IndexMap;
use provider::{InstanceKind, Origin};
use serde::Deserialize;

use super::{
    error::Mistake,
    file,
    limits::LimitsTable,
    lxd::Lxd,
    values::{Parsed, Text},
};
use crate::source::{Pool, SessionSource};

/// One source, as it is written. Exactly one of `image`, `remote`, `instance` and `snapshot` says what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Source {
    /// A local image, by alias or fingerprint.
    pub image: Option<Text>,
    /// An image of a remote simplestreams server.
    pub remote: Option<Remote>,
    /// An instance to copy; it should be stopped.
    pub instance: Option<String>,
    /// A snapshot to copy: `instance/snapshot`.
    pub snapshot: Option<String>,
    /// The project that `instance` or `snapshot` is in; `project` when left out.
    pub from_project: Option<Project>,
    /// The project that containers are made in; `lxd.project` when left out, with `nesting` `lxd.nested_project`.
    pub project: Option<Project>,
    /// `container` or `virtual-machine`.
    #[serde(rename = "type")]
    pub kind: InstanceKind,
    /// The scenarios' `imageid`s that it serves. The first source serves all others too.
    pub image_ids: Vec<String>,
    /// LXD profiles, in order.
    pub profiles: Option<Vec<String>>,
    /// The cluster member or `@group`; `lxd.target` when left out.
    pub target: Option<String>,
    /// Whether containers run inside it.
    pub nesting: bool,
    /// `[source.NAME.limits]`.
    pub limits: LimitsTable,
    /// The visitor's command: program and arguments. A login shell, bash where there is one, when left out.
    pub command: Option<Vec<String>>,
    /// The uid that it runs as; root when left out.
    pub user: Option<u32>,
    /// The gid that it runs as; root's when left out.
    pub group: Option<u32>,
    /// The directory that it starts in; `/root` for root, else `/`, when left out.
    pub cwd: Option<String>,
    /// Its environment, beside `HOME`, `USER` and `LANG` for root.
    pub environment: BTreeMap<String, Text>,
    /// A command that succeeds once the container is ready. It is run once and waits by itself.
    pub ready: Option<Vec<String>>,
    /// How long it may take.
    pub ready_seconds: Option<u32>,
    /// `[source.NAME.pool]`.
    pub pool: PoolTable,
    /// Further configuration of the container, like `"security.syscalls.deny_compat" = "true"`.
    pub config: BTreeMap<String, Text>,
}

/// An image of a remote server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remote {
    /// The simplestreams server's URL.
    pub server: String,
    /// The image's alias there.
    pub alias: String,
}

/// Containers of this source that wait for visitors; `[pool]` says what is left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PoolTable {
    /// How many.
    pub size: Option<u32>,
    /// How old one may become before another takes its place.
    pub max_age: Option<Parsed<Duration>>,
}

/// All sources, in the order of the file.
pub(super) fn sources(
    table: IndexMap<SourceName, Source>,
    lxd: &Lxd,
    pool: &file::Pool,
) -> Result<Vec<SessionSource>, Mistake> {
    if table.is_empty() {
        return Err(Mistake::new(
            "source",
            "expected at least one source of containers, like\n\n    [source.shell]\n    image = \"tryit-shell\"\n",
        ));
    }
    let source = |(name, source): (SourceName, Source)| {
        let path = format!("source.{name}");
        source.into_session_source(name, lxd, pool).map_err(|mistake| mistake.within(&path))
    };
    table.into_iter().map(source).collect()
}

impl Source {
    /// What the preview sandbox is given. It has one kind of sandbox, and takes only the command from it.
    pub fn preview() -> (SourceName, Self) {
        let name = "preview";
        (
            name.parse().expect("a valid name"),
            Self {
                image: Some(Text(name.to_owned())),
                // A sandbox is made in no time.
                pool: PoolTable { size: Some(0), max_age: None },
                ..Self::default()
            },
        )
    }

    fn into_session_source(
        self,
        name: SourceName,
        lxd: &Lxd,
        pool: &file::Pool,
    ) -> Result<SessionSource, Mistake> {
        let root = self.user.unwrap_or(0) == 0;
        let origin = self.origin()?;
        let project = self.project(lxd)?;
        let command = self.command.unwrap_or_else(login_shell);
        for (key, words) in [("command", Some(&command)), ("ready", self.ready.as_ref())] {
            if words.is_some_and(|words| words.first().is_none_or(String::is_empty)) {
                return Err(Mistake::new(
                    key,
                    "expected a program and its arguments, like [\"bash\", \"-l\"]",
                ));
            }
        }
        if self.cwd.as_ref().is_some_and(|cwd| !cwd.starts_with('/')) {
            return Err(Mistake::new("cwd", "expected a path from the root, like \"/root\""));
        }
        if self.config.get("security.privileged").is_some_and(|value| value.0 != "false") {
            let message = "expected an unprivileged container: root in a privileged one is root of the server";
            return Err(Mistake::new("config.security.privileged", message));
        }
        let pool = Pool {
            size: self.pool.size.unwrap_or(pool.size),
            max_age: max_age(self.pool.max_age.as_ref().unwrap_or(&pool.max_age), "pool.max_age")?,
        };
        let mut environment = if root { root_environment() } else { BTreeMap::new() };
        environment.extend(plain(self.environment));
        Ok(SessionSource {
            source: provider::Source {
                name,
                origin,
                project,
                kind: self.kind,
                profiles: self.profiles.unwrap_or_else(|| vec!["default".to_owned()]),
                target: self.target.or_else(|| lxd.target.clone()),
                nesting: self.nesting,
                limits: self.limits.into_limits()?,
                config: plain(self.config),
            },
            image_ids: self.image_ids,
            command,
            user: self.user,
            group: self.group,
            cwd: Some(self.cwd.unwrap_or_else(|| if root { "/root" } else { "/" }.to_owned())),
            environment,
            ready: self.ready,
            ready_deadline: Duration::from_secs(self.ready_seconds.unwrap_or(60).into()),
            pool,
        })
    }

    /// The project that its containers are made in.
    pub fn project(&self, lxd: &Lxd) -> Result<Project, Mistake> {
        match &self.project {
            Some(project) => Ok(project.clone()),
            None if self.nesting => lxd.nested_project(),
            None => Ok(lxd.project.clone()),
        }
    }

    fn origin(&self) -> Result<Origin, Mistake> {
        const ONE: &str = "expected exactly one of `image`, `remote`, `instance` and `snapshot`";
        let project = self.from_project.clone();
        match (&self.image, &self.remote, &self.instance, &self.snapshot) {
            (Some(image), None, None, None) => Ok(Origin::Image { alias: image.0.clone() }),
            (None, Some(remote), None, None) => match url::Url::parse(&remote.server) {
                Ok(url) if url.scheme() == "https" && url.has_host() => Ok(Origin::Remote {
                    server: remote.server.clone(),
                    alias: remote.alias.clone(),
                }),
                _ => Err(Mistake::new(
                    "remote.server",
                    format!(
                        "expected a URL like \"https://images.example.com\", found {:?}",
                        remote.server
                    ),
                )),
            },
            (None, None, Some(name), None) => Ok(Origin::Instance { name: name.clone(), project }),
            (None, None, None, Some(path)) => match path.split_once('/') {
                Some((instance, snapshot)) if !instance.is_empty() && !snapshot.is_empty() => {
                    Ok(Origin::Snapshot {
                        instance: instance.to_owned(),
                        snapshot: snapshot.to_owned(),
                        project,
                    })
                }
                _ => Err(Mistake::new(
                    "snapshot",
                    format!("expected \"instance/snapshot\", found {path:?}"),
                )),
            },
            (None, None, None, None) => Err(Mistake::new("", format!("{ONE}, found none"))),
            _ => Err(Mistake::new("", format!("{ONE}, found several"))),
        }
    }
}

/// How old a container of the pool may become: less than a second would only make and delete.
pub(super) fn max_age(written: &Parsed<Duration>, key: &str) -> Result<Duration, Mistake> {
    if written.0 < Duration::from_secs(1) {
        let message = format!("expected at least \"1s\", found {:?}", written.0);
        return Err(Mistake::new(key, message));
    }
    Ok(written.0)
}

/// Bash where there is one, else sh: works in any image.
fn login_shell() -> Vec<String> {
    ["sh", "-c", "command -v bash >/dev/null && exec bash -l; exec sh -l"]
        .map(str::to_owned)
        .to_vec()
}

fn root_environment() -> BTreeMap<String, String> {
    [("HOME", "/root"), ("USER", "root"), ("LANG", "C.UTF-8")]
        .map(|(key, value)| (key.into(), value.into()))
        .into()
}

fn plain(table: BTreeMap<String, Text>) -> BTreeMap<String, String> {
    table.into_iter().map(|(key, text)| (key, text.0)).collect()
}
