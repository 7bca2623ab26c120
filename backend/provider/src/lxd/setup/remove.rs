//! Undoes the setup, as far as it was ours.

use domain::Project;

use super::{Mode, Outcome, Plan, Setup, Step, image};
use crate::{Result, lxd::Lxd, lxd::wire::Image};

/// Removes the sessions' containers in the projects, whichever database they belong to, and everything that the setup
/// made. What is not ours, or still in use, is kept and said so.
pub async fn remove(lxd: &Lxd, plan: &Plan, mode: Mode) -> Result<Vec<Step>> {
    let setup = Setup { lxd, mode };
    let mut steps = Vec::new();
    for (project, _) in plan.projects() {
        let url = setup.url(["projects", project.as_str()]);
        if let Some(found) = setup.object(url.clone()).await? {
            steps.extend(remove_containers(&setup, project).await?);
            steps.extend(remove_images(&setup, project, found.is_ours()).await?);
        }
        steps.extend(setup.remove(format!("project {project}"), url).await?);
    }
    let (network, pool) = (&plan.network, &plan.pool);
    let objects = [
        (format!("network {network}"), setup.url(["networks", network])),
        // After the network, which uses it.
        (format!("network access list {network}"), setup.url(["network-acls", network])),
        (format!("storage pool {pool}"), setup.url(["storage-pools", pool])),
    ];
    for (what, url) in objects {
        steps.extend(setup.remove(what, url).await?);
    }
    Ok(steps)
}

async fn remove_containers(setup: &Setup<'_>, project: &Project) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for found in setup.lxd.marked(std::slice::from_ref(project)).await? {
        if let Some(mark) = found.mark {
            if setup.mode == Mode::Apply {
                setup.lxd.remove(&found.instance, mark).await?;
            }
            steps.push(Step::new(format!("container {}", found.instance), Outcome::Removed));
        }
    }
    Ok(steps)
}

/// Removes the images that were imported here; in a project of ours those too that the server fetched for it.
async fn remove_images(setup: &Setup<'_>, project: &Project, all: bool) -> Result<Vec<Step>> {
    let mut url = setup.lxd.api.url(Some(project), ["images"]);
    url.query_pairs_mut().append_pair("recursion", "1");
    let images: Vec<Image> = setup.lxd.api.get(url).await?;
    let mut steps = Vec::new();
    for image in images.iter().filter(|image| image::is_ours(image) || all && image.cached) {
        if setup.mode == Mode::Apply {
            image::delete(setup.lxd, project, image).await?;
        }
        let name = image.aliases.first().map_or(image.fingerprint.as_str(), |alias| &alias.name);
        steps.push(Step::new(format!("image {name} of the project {project}"), Outcome::Removed));
    }
    Ok(steps)
}
