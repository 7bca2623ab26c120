//! The projects: images, profiles and volumes of their own, and what a client that may use only them can ask for.

use domain::Project;
use serde_json::json;

use super::{DESCRIPTION, MARK, Outcome, Plan, Setup, Step, about, keys};
use crate::{Result, lxd::wire::Keys};

/// Makes a project, or restricts one that was made before.
pub(super) async fn ensure(
    setup: &Setup<'_>,
    plan: &Plan,
    project: &Project,
    nesting: bool,
) -> Result<Step> {
    let what = format!("project {project}");
    let url = setup.url(["projects", project.as_str()]);
    if let Some(found) = setup.object(url.clone()).await? {
        return setup.bring(what, url, found, restrictions(plan, nesting)).await;
    }
    let mut config = keys(&[
        MARK,
        ("features.images", "true"),
        ("features.profiles", "true"),
        ("features.storage.volumes", "true"),
        ("features.networks", "false"),
    ]);
    config.extend(restrictions(plan, nesting));
    let body = json!({"name": project, "description": DESCRIPTION, "config": config});
    setup.make(setup.url(["projects"]), body).await.map_err(|error| about(&what, error))?;
    Ok(Step::new(what, Outcome::Created))
}

/// What the server refuses in the project, whoever asks. Low-level keys, which the size of an id range is one of, make
/// whoever may set them root of the server's machine: only sources with containers inside get them, in a project of
/// their own.
fn restrictions(plan: &Plan, nesting: bool) -> Keys {
    let only_nested = if nesting { "allow" } else { "block" };
    keys(&[
        ("restricted", "true"),
        ("restricted.containers.nesting", only_nested),
        ("restricted.containers.lowlevel", only_nested),
        ("restricted.containers.privilege", "isolated"),
        ("restricted.containers.interception", "block"),
        ("restricted.devices.disk", "managed"),
        ("restricted.devices.nic", "managed"),
        ("restricted.networks.access", &plan.network),
        ("restricted.devices.proxy", "block"),
        ("restricted.backups", "block"),
        // A source may be a snapshot, and may have a place in a cluster.
        ("restricted.snapshots", "allow"),
        ("restricted.cluster.target", "allow"),
    ])
}
