//! The project: images, profiles and volumes of its own, the server's networks.

use serde_json::json;

use super::{MARK, Outcome, Plan, Step, about};
use crate::{Result, lxd::Lxd};

pub(super) async fn ensure(lxd: &Lxd, plan: &Plan) -> Result<Step> {
    let what = format!("project {}", plan.project);
    if let Some(project) =
        lxd.object(lxd.api.url(None, ["projects", plan.project.as_str()])).await?
    {
        let kept = Step::new(what, Outcome::Kept);
        return Ok(if project.is_ours() { kept } else { kept.noting("not made by this setup") });
    }
    let config = json!({
        MARK.0: MARK.1,
        "features.images": "true",
        "features.profiles": "true",
        "features.storage.volumes": "true",
        "features.networks": "false",
    });
    let body =
        json!({"name": plan.project, "description": "made by tryit setup", "config": config});
    lxd.make_object(lxd.api.url(None, ["projects"]), body)
        .await
        .map_err(|error| about(&what, error))?;
    Ok(Step::new(what, Outcome::Created))
}
