//! Undoes the setup, as far as it was ours.

use super::{Outcome, Plan, Step, image};
use crate::{Result, lxd::Lxd, lxd::wire::Image};

/// Removes the sessions' containers in the project, whichever database they belong to, and everything that the setup
/// made. What is not ours, or still in use, is kept and said so.
pub async fn remove(lxd: &Lxd, plan: &Plan) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let project_url = lxd.api.url(None, ["projects", plan.project.as_str()]);
    if let Some(project) = lxd.object(project_url.clone()).await? {
        steps.extend(remove_containers(lxd, plan).await?);
        steps.extend(remove_images(lxd, plan, project.is_ours()).await?);
    }
    let objects = [
        (format!("project {}", plan.project), project_url),
        (format!("network {}", plan.network), lxd.api.url(None, ["networks", &plan.network])),
        (format!("storage pool {}", plan.pool), lxd.api.url(None, ["storage-pools", &plan.pool])),
    ];
    for (what, url) in objects {
        steps.extend(lxd.remove_object(what, url).await?);
    }
    Ok(steps)
}

async fn remove_containers(lxd: &Lxd, plan: &Plan) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for found in lxd.marked(std::slice::from_ref(&plan.project)).await? {
        if let Some(mark) = found.mark {
            lxd.remove(&found.instance, mark).await?;
            steps.push(Step::new(format!("container {}", found.instance), Outcome::Removed));
        }
    }
    Ok(steps)
}

/// Removes the images that were imported here; in a project of ours those too that the server fetched for it.
async fn remove_images(lxd: &Lxd, plan: &Plan, all: bool) -> Result<Vec<Step>> {
    let mut url = lxd.api.url(Some(&plan.project), ["images"]);
    url.query_pairs_mut().append_pair("recursion", "1");
    let images: Vec<Image> = lxd.api.get(url).await?;
    let mut steps = Vec::new();
    for image in images.iter().filter(|image| image::is_ours(image) || all && image.cached) {
        image::delete(lxd, &plan.project, image).await?;
        let name = image.aliases.first().map_or(image.fingerprint.as_str(), |alias| &alias.name);
        steps.push(Step::new(
            format!("image {name} of the project {}", plan.project),
            Outcome::Removed,
        ));
    }
    Ok(steps)
}
