//! The project's profile `default`: a root disk, and a network card that reaches no other session.

use reqwest::Method;
use serde_json::json;

use super::{MARK, Outcome, Plan, Step, about};
use crate::{
    Result,
    lxd::{
        Lxd,
        wire::{Keys, Profile, Server},
    },
};

const NAME: &str = "default";

pub(super) async fn ensure(lxd: &Lxd, plan: &Plan) -> Result<Step> {
    let what = format!("profile {NAME} of the project {}", plan.project);
    let project = lxd.object(lxd.api.url(None, ["projects", plan.project.as_str()])).await?;
    if !project.is_some_and(|project| project.is_ours()) {
        return Ok(Step::new(what, Outcome::Kept).noting("the project was not made by this setup"));
    }
    let server: Server = lxd.api.get(lxd.api.url(None, [])).await?;
    let can_filter = server.environment.firewall == "nftables";

    let url = lxd.api.url(Some(&plan.project), ["profiles", NAME]);
    let before: Profile = lxd.api.get(url.clone()).await?;
    let mut after = before.clone();
    // What an operator added stays.
    after.config.insert(MARK.0.to_owned(), MARK.1.to_owned());
    after.devices.entry("root".to_owned()).or_default().extend(root(plan));
    after.devices.entry("eth0".to_owned()).or_default().extend(nic(plan, can_filter));
    if after == before {
        return Ok(Step::new(what, Outcome::Kept));
    }
    let body = json!({
        "description": "made by tryit setup", "config": after.config, "devices": after.devices,
    });
    lxd.api.tell(Method::PUT, url, &body).await.map_err(|error| about(&what, error))?;
    let changed = Step::new(what, Outcome::Changed);
    Ok(if can_filter {
        changed
    } else {
        changed.noting("without nftables, addresses of others can be forged on the bridge")
    })
}

fn root(plan: &Plan) -> Keys {
    keys(&[("type", "disk"), ("path", "/"), ("pool", &plan.pool)])
}

fn nic(plan: &Plan, can_filter: bool) -> Keys {
    let mut nic = keys(&[
        ("type", "nic"),
        ("name", "eth0"),
        ("network", &plan.network),
        ("security.port_isolation", "true"),
    ]);
    if can_filter {
        nic.extend(keys(&[
            ("security.mac_filtering", "true"),
            ("security.ipv4_filtering", "true"),
            ("security.ipv6_filtering", "true"),
        ]));
    }
    nic
}

fn keys(pairs: &[(&str, &str)]) -> Keys {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
