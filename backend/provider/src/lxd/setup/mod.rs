//! Prepares a server for the service, and undoes that: a project with a profile, a storage pool, a bridge and images.
//!
//! Everything made here carries a mark, and nothing without it is changed or removed. Each call may be repeated.

mod image;
mod network;
mod pool;
mod profile;
mod project;
mod remove;
mod subnet;

use std::fmt;

use domain::Project;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

pub use image::import_image;
pub(in crate::lxd) use pool::DIRECTORY;
pub use remove::remove;

use super::{
    Lxd, fault,
    wire::{Keys, Server, or_default},
};
use crate::{Error, Result};

/// The mark: a configuration key, of images a property.
const MARK: (&str, &str) = ("user.tryit", "setup");

/// What is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The project; its profile `default` gets the pool's root disk and the bridge's network card.
    pub project: Project,
    /// The storage pool; one that is there already is used as it is.
    pub pool: String,
    /// Its size, like `20GiB`, when it is made; the server's choice when absent (a fifth of what is free).
    pub pool_size: Option<String>,
    /// The bridge; one that is there already is used as it is.
    pub network: String,
}

impl Plan {
    /// The usual names, in a project.
    pub fn new(project: Project) -> Self {
        Self { project, pool: "tryit".to_owned(), pool_size: None, network: "tryitbr0".to_owned() }
    }
}

/// What was done about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What, like `storage pool tryit`.
    pub object: String,
    /// What was done.
    pub outcome: Outcome,
    /// What is worth knowing about it.
    pub note: Option<String>,
}

/// What was done about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was there, and stays as it is.
    Kept,
    /// It was there, and is different now.
    Changed,
    /// It is gone.
    Removed,
}

impl Step {
    fn new(object: impl Into<String>, outcome: Outcome) -> Self {
        Self { object: object.into(), outcome, note: None }
    }

    fn noting(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

/// Like `created storage pool tryit (btrfs)`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Created => "created",
            Outcome::Kept => "kept",
            Outcome::Changed => "changed",
            Outcome::Removed => "removed",
        };
        write!(f, "{outcome} {}", self.object)?;
        match &self.note {
            Some(note) => write!(f, " ({note})"),
            None => Ok(()),
        }
    }
}

/// Prepares the server. After an error, what was done so far stays, and a repetition goes on from there.
pub async fn apply(lxd: &Lxd, plan: &Plan) -> Result<Vec<Step>> {
    let pool = pool::ensure(lxd, plan).await?;
    let network = network::ensure(lxd, plan).await?;
    let project = project::ensure(lxd, plan).await?;
    let profile = profile::ensure(lxd, plan).await?;
    Ok(vec![pool, network, project, profile])
}

/// A pool, network or project, as far as it matters whose it is.
#[derive(Deserialize)]
struct Object {
    #[serde(default, deserialize_with = "or_default")]
    config: Keys,
    #[serde(default)]
    driver: String,
    /// Of a network: whether it is the server's own, not just an interface of the machine.
    #[serde(default)]
    managed: Option<bool>,
}

impl Object {
    fn is_ours(&self) -> bool {
        is_marked(&self.config)
    }
}

fn is_marked(config: &Keys) -> bool {
    config.get(MARK.0).map(String::as_str) == Some(MARK.1)
}

/// How often the server may stumble over interfaces of containers that go while it looks at them (Incus does).
const TRIES: usize = 3;

impl Lxd {
    async fn object(&self, url: Url) -> Result<Option<Object>> {
        fault::unless_absent(self.api.get(url).await)
    }

    /// The server, if it can make `what` by itself.
    async fn single_server(&self, what: &str) -> Result<Server> {
        let server: Server = self.api.get(self.api.url(None, [])).await?;
        if server.environment.server_clustered {
            return Err(Error::Refused(format!(
                "{what}: in a cluster each member has its own part in it; make it by hand"
            )));
        }
        Ok(server)
    }

    async fn make_object(&self, url: Url, body: Value) -> Result<()> {
        self.change_object(Method::POST, url, body).await
    }

    /// Removes an object that is ours; says why not where the server refuses.
    async fn remove_object(&self, what: String, url: Url) -> Result<Option<Step>> {
        let Some(object) = self.object(url.clone()).await? else { return Ok(None) };
        if !object.is_ours() {
            return Ok(Some(Step::new(what, Outcome::Kept).noting("not made by this setup")));
        }
        match self.change_object(Method::DELETE, url, json!({})).await {
            Ok(()) => Ok(Some(Step::new(what, Outcome::Removed))),
            Err(Error::Refused(why)) => Ok(Some(Step::new(what, Outcome::Kept).noting(why))),
            Err(error) => Err(error),
        }
    }

    async fn change_object(&self, method: Method, url: Url, body: Value) -> Result<()> {
        let stumbled =
            |error: &Error| matches!(error, Error::Refused(why) if why.contains("link show"));
        for _ in 1..TRIES {
            match self.api.tell_slowly(method.clone(), url.clone(), &body).await {
                Err(error) if stumbled(&error) => {}
                done => return done,
            }
        }
        self.api.tell_slowly(method, url, &body).await
    }
}

/// What `error` is about.
fn about(what: &str, error: Error) -> Error {
    match error {
        Error::Refused(why) | Error::Exhausted(why) => Error::Refused(format!("{what}: {why}")),
        other => other,
    }
}
