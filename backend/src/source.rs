//! A source of session containers: what they are made from, and how one of them becomes a visitor's terminal.

use std::{collections::BTreeMap, time::Duration};

use provider::{ExecSpec, Source};

/// One `[source.NAME]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSource {
    /// What containers are made from, in what shape.
    pub source: Source,
    /// The scenarios' `imageid`s that it serves. The first source of the configuration serves all others too.
    pub image_ids: Vec<String>,
    /// The visitor's command: program and arguments.
    pub command: Vec<String>,
    /// Its uid; root when absent.
    pub user: Option<u32>,
    /// Its gid; root's when absent.
    pub group: Option<u32>,
    /// Its directory.
    pub cwd: Option<String>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Succeeds once the container is ready for a visitor. It is run once and waits by itself.
    pub ready: Option<Vec<String>>,
    /// How long `ready` may take.
    pub ready_deadline: Duration,
}

impl SessionSource {
    /// The visitor's command on a terminal of the given size.
    pub fn exec(&self, cols: u16, rows: u16) -> ExecSpec {
        ExecSpec {
            command: self.command.clone(),
            environment: self.environment.clone(),
            user: self.user,
            group: self.group,
            cwd: self.cwd.clone(),
            cols,
            rows,
        }
    }
}

/// The source that serves a scenario's `imageid`: the one that names it, else the first.
pub fn for_image_id<'a>(
    sources: &'a [SessionSource],
    image_id: Option<&str>,
) -> Option<&'a SessionSource> {
    let named = image_id
        .and_then(|id| sources.iter().find(|source| source.image_ids.iter().any(|own| own == id)));
    named.or_else(|| sources.first())
}
