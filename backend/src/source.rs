//! A source of session containers: what they are made from, and how one of them becomes a visitor's terminal.

use std::{collections::BTreeMap, time::Duration};

use provider::{ExecSpec, Generation, Source};
use sha2::{Digest, Sha256};

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
    /// Containers that wait for visitors.
    pub pool: Pool,
}

/// Containers of one source that are made ready before anybody asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// How many.
    pub size: u32,
    /// How old one may become before another takes its place.
    pub max_age: Duration,
}

impl SessionSource {
    /// What identifies a container that is ready for a visitor: what it is made of, as its server says, and what was
    /// run in it since, for a container of the pool has its first terminal open already.
    pub fn generation(&self, made_of: &str) -> String {
        let run = (&self.command, self.user, self.group, &self.cwd, &self.environment, &self.ready);
        let digest = Sha256::digest(format!("{run:?}"));
        digest
            .iter()
            .take(8)
            .fold(format!("{made_of}-"), |text, byte| text + &format!("{byte:02x}"))
    }

    /// The same of all that a server says of it.
    pub fn generations(&self, made_of: &Generation) -> Generation {
        let of = |made_of: &String| self.generation(made_of);
        Generation { now: of(&made_of.now), unfetched: made_of.unfetched.as_ref().map(of) }
    }

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
