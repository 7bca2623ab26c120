//! Prepares a server for the service, and undoes that: a storage pool, a network that leads nowhere, and two restricted
//! projects with their profiles and images.
//!
//! Everything made here carries a mark, and nothing without it is changed or removed. Each call may be repeated; what
//! an earlier version made is brought to what this one wants.

mod acl;
mod image;
mod network;
mod plan;
mod pool;
mod profile;
mod project;
mod remove;
mod step;
mod subnet;

use domain::Project;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

pub use image::import_image;
pub use plan::{Families, Plan, PoolDriver};
pub(in crate::lxd) use pool::DIRECTORY;
pub use remove::remove;
pub use step::{Outcome, Step};

use super::{
    Lxd,
    wire::{Keys, Server, or_default},
};
use crate::{Error, Result};

/// The mark: a configuration key, of images a property.
const MARK: (&str, &str) = ("user.tryit", "setup");
const DESCRIPTION: &str = "made by tryit setup";

/// Whether the server is changed, or only asked what a change would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is changed.
    Apply,
    /// Nothing is changed; the steps say what would be.
    DryRun,
}

/// Prepares the server. After an error, what was done so far stays, and a repetition goes on from there.
pub async fn apply(lxd: &Lxd, plan: &Plan, mode: Mode) -> Result<Vec<Step>> {
    let setup = Setup { lxd, mode };
    let mut steps = vec![
        pool::ensure(&setup, plan).await?,
        acl::ensure(&setup, plan).await?,
        network::ensure(&setup, plan).await?,
    ];
    for (project, nesting) in plan.projects() {
        steps.push(project::ensure(&setup, plan, project, nesting).await?);
        steps.push(profile::ensure(&setup, plan, project).await?);
    }
    Ok(steps)
}

/// A pool, network, access list or project, as far as it matters whose it is.
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

pub(in crate::lxd) fn is_marked(config: &Keys) -> bool {
    config.get(MARK.0).map(String::as_str) == Some(MARK.1)
}

fn keys(pairs: &[(&str, &str)]) -> Keys {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A server that is being prepared: every change goes through here, so that a dry run makes none.
struct Setup<'a> {
    lxd: &'a Lxd,
    mode: Mode,
}

impl Setup<'_> {
    fn url<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        self.lxd.api.url(None, segments)
    }

    async fn object(&self, url: Url) -> Result<Option<Object>> {
        self.lxd.api.find(url).await
    }

    /// Whether a project is there and ours; in a dry run one that would be made is.
    async fn owns(&self, project: &Project) -> Result<bool> {
        let found = self.object(self.url(["projects", project.as_str()])).await?;
        Ok(found.map_or(self.mode == Mode::DryRun, |found| found.is_ours()))
    }

    /// The server, if it can make `what` by itself.
    async fn single_server(&self, what: &str) -> Result<Server> {
        let server: Server = self.lxd.api.get(self.url([])).await?;
        if server.environment.server_clustered {
            return Err(Error::Refused(format!(
                "{what}: in a cluster each member has its own part in it; make it by hand"
            )));
        }
        Ok(server)
    }

    /// Makes an object.
    async fn make(&self, url: Url, body: Value) -> Result<()> {
        self.change(Method::POST, url, body).await
    }

    /// Gives an object of ours the wanted keys; those that an operator added stay.
    async fn bring(&self, what: String, url: Url, found: Object, wanted: Keys) -> Result<Step> {
        if !found.is_ours() {
            return Ok(Step::new(what, Outcome::Kept).noting("not made by this setup"));
        }
        let mut config = found.config.clone();
        config.extend(wanted);
        if config == found.config {
            return Ok(Step::new(what, Outcome::Kept));
        }
        // A part would not do: to a server, keys of a project that are left out are to be taken away.
        let body = json!({"description": DESCRIPTION, "config": config});
        match self.change(Method::PUT, url, body).await {
            Ok(()) => Ok(Step::new(what, Outcome::Changed)),
            Err(Error::Refused(why)) => Ok(Step::new(what, Outcome::Refused).noting(why)),
            Err(error) => Err(error),
        }
    }

    /// Removes an object that is ours; says why not where the server refuses.
    async fn remove(&self, what: String, url: Url) -> Result<Option<Step>> {
        let Some(object) = self.object(url.clone()).await? else { return Ok(None) };
        if !object.is_ours() {
            return Ok(Some(Step::new(what, Outcome::Kept).noting("not made by this setup")));
        }
        match self.change(Method::DELETE, url, json!({})).await {
            Ok(()) => Ok(Some(Step::new(what, Outcome::Removed))),
            Err(Error::Refused(why)) => Ok(Some(Step::new(what, Outcome::Refused).noting(why))),
            Err(error) => Err(error),
        }
    }

    async fn change(&self, method: Method, url: Url, body: Value) -> Result<()> {
        if self.mode == Mode::DryRun {
            return Ok(());
        }
        self.lxd.api.change(method, url, &body).await
    }
}

/// What `error` is about.
fn about(what: &str, error: Error) -> Error {
    match error {
        Error::Refused(why) | Error::Exhausted(why) => Error::Refused(format!("{what}: {why}")),
        other => other,
    }
}
