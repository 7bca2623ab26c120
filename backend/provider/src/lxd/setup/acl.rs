//! The bridge's access list: what is not in it is refused, and at first nothing is in it.

use serde_json::json;

use super::{DESCRIPTION, MARK, Outcome, Plan, Setup, Step, about};
use crate::Result;

/// Makes the list where it is missing. Its rules are the service's, which writes them from its configuration.
pub(super) async fn ensure(setup: &Setup<'_>, plan: &Plan) -> Result<Step> {
    let what = format!("network access list {}", plan.network);
    let bridge = setup.object(setup.url(["networks", &plan.network])).await?;
    if bridge.is_some_and(|bridge| !bridge.is_ours()) {
        return Ok(Step::new(what, Outcome::Kept).noting("the network was not made by this setup"));
    }
    if let Some(found) = setup.object(setup.url(["network-acls", &plan.network])).await? {
        let kept = Step::new(what, Outcome::Kept);
        return Ok(if found.is_ours() { kept } else { kept.noting("not made by this setup") });
    }
    let body = json!({
        "name": plan.network,
        "description": DESCRIPTION,
        "config": {MARK.0: MARK.1},
        "egress": [],
        "ingress": [],
    });
    setup.make(setup.url(["network-acls"]), body).await.map_err(|error| about(&what, error))?;
    Ok(Step::new(what, Outcome::Created).noting("empty: containers reach nothing"))
}
