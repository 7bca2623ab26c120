//! A project's profile `default`: a root disk, and a network card that reaches no other session.

use domain::Project;
use serde_json::json;

use super::{DESCRIPTION, MARK, Outcome, Plan, Setup, Step, about, keys};
use crate::{
    Result,
    lxd::{
        fault,
        wire::{Keys, Profile, Server},
    },
};
use reqwest::Method;

const NAME: &str = "default";

pub(super) async fn ensure(setup: &Setup<'_>, plan: &Plan, project: &Project) -> Result<Step> {
    let what = format!("profile {NAME} of the project {project}");
    if !setup.owns(project).await? {
        return Ok(Step::new(what, Outcome::Kept).noting("the project was not made by this setup"));
    }
    let api = &setup.lxd.api;
    let server: Server = api.get(setup.url([])).await?;
    let can_filter = server.environment.firewall == "nftables";

    let url = api.url(Some(project), ["profiles", NAME]);
    // In a dry run the project may not be there yet.
    let before: Profile = fault::unless_absent(api.get(url.clone()).await)?.unwrap_or_default();
    let mut after = before.clone();
    // What an operator added stays.
    after.config.extend(keys(&[MARK]));
    after.devices.entry("root".to_owned()).or_default().extend(root(plan));
    after.devices.entry("eth0".to_owned()).or_default().extend(nic(plan, can_filter));
    if after == before {
        return Ok(Step::new(what, Outcome::Kept));
    }
    let body =
        json!({"description": DESCRIPTION, "config": after.config, "devices": after.devices});
    setup.change(Method::PUT, url, body).await.map_err(|error| about(&what, error))?;
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
