//! One source: its project, its origin, its profiles' disk and network card, its limits.

use domain::Project;
use serde::Deserialize;

use super::Findings;
use crate::{
    Error, InstanceKind, Origin, Source,
    lxd::{
        Lxd, origin,
        setup::DIRECTORY,
        shape::{DeviceKind, kind},
        wire::{Devices, Keys, Server, or_default},
    },
};

/// A pool that is fuller than this has no room for sessions that write.
const FULL_PERCENT: u64 = 85;

pub(super) async fn check(lxd: &Lxd, server: &Server, source: &Source, findings: &mut Findings) {
    let Some(project) = find_project(lxd, &source.project, findings).await else { return };
    match origin::resolve(&lxd.api, source).await {
        Ok(origin) => check_devices(lxd, source, &origin.devices(), findings).await,
        Err(error) => findings.error(error.to_string(), origin_remedy(source, &error)),
    }
    if source.target.is_some() && !server.environment.server_clustered {
        findings.error("it has a target, but the server is no cluster", "Remove lxd.target");
    }
    let is = |key: &str, value: &str| project.config.get(key).map(String::as_str) == Some(value);
    if source.nesting && is("restricted", "true") && !is("restricted.containers.lowlevel", "allow")
    {
        findings.error(
            format!("the project {} is restricted and refuses the id range that nesting needs", source.project),
            "Give nested sources a project with restricted.containers.lowlevel=allow, which makes whoever holds its \
             certificate root of the server",
        );
    }
}

async fn find_project(
    lxd: &Lxd,
    project: &Project,
    findings: &mut Findings,
) -> Option<ProjectObject> {
    match lxd.api.get(lxd.api.url(None, ["projects", project.as_str()])).await {
        Ok(found) => Some(found),
        Err(Error::NotFound(_)) => {
            findings.error(format!("there is no project {project}"), "Make it: tryit setup");
            None
        }
        Err(error) => {
            findings.error(
                format!("the project {project} can't be read: {error}"),
                "A restricted certificate must name this project",
            );
            None
        }
    }
}

fn origin_remedy(source: &Source, error: &Error) -> String {
    let project = &source.project;
    match (&source.origin, error) {
        (Origin::Image { .. }, Error::NotFound(what))
            if !what.to_lowercase().contains("profile") =>
        {
            format!("Import it into the project {project}: tryit setup --image FILE")
        }
        (Origin::Instance { name, .. }, Error::NotFound(_)) => {
            format!("Make the instance {name} to copy from")
        }
        (Origin::Snapshot { instance, snapshot, .. }, Error::NotFound(_)) => {
            format!("Make it: lxc snapshot {instance} {snapshot} --project {project}")
        }
        _ => "Correct the source in the configuration".to_owned(),
    }
}

async fn check_devices(lxd: &Lxd, source: &Source, devices: &Devices, findings: &mut Findings) {
    let of = |wanted| devices.keys().filter(move |name| kind(devices, name) == Some(wanted));
    let profiles = source.profiles.join(", ");
    match of(DeviceKind::Root).next().and_then(|name| devices.get(name)) {
        Some(root) => check_pool(lxd, source, root, findings).await,
        None => findings.error(
            format!("its profiles ({profiles}) bring no root disk"),
            "Add one: tryit setup, or lxc profile device add default root disk path=/ pool=POOL",
        ),
    }
    let mut nics = of(DeviceKind::Nic).peekable();
    if nics.peek().is_none() {
        let problem = format!("its profiles ({profiles}) bring no network card");
        match source.limits.network_rate {
            Some(_) => findings.error(problem, "Add one, or remove the limit network"),
            None => findings.warning(problem, "Add one with tryit setup, unless none is wanted"),
        }
    }
    let is_open = |name: &&String| {
        devices[*name].get("security.port_isolation").map(String::as_str) != Some("true")
    };
    for name in nics.filter(is_open) {
        findings.warning(
            format!("its network card {name} reaches those of other sessions"),
            format!("lxc profile device set PROFILE {name} security.port_isolation=true"),
        );
    }
}

async fn check_pool(lxd: &Lxd, source: &Source, root: &Keys, findings: &mut Findings) {
    let Some(name) = root.get("pool") else { return };
    let url = lxd.api.url(Some(&source.project), ["storage-pools", name]);
    let Ok(pool) = lxd.api.get::<Pool>(url).await else {
        findings.error(format!("the storage pool {name} can't be read"), "Make it: tryit setup");
        return;
    };
    if pool.driver == "dir"
        && source.kind == InstanceKind::Container
        && source.limits.disk.is_some()
    {
        findings.warning(
            format!("the storage pool {name} is {DIRECTORY}"),
            "Use a pool of btrfs, zfs or lvm",
        );
    }
    let url = lxd.api.url(Some(&source.project), ["storage-pools", name, "resources"]);
    // Not every driver can say.
    if let Ok(Resources { space }) = lxd.api.get::<Resources>(url).await
        && space.used.saturating_mul(100) > space.total.saturating_mul(FULL_PERCENT)
    {
        findings.warning(
            format!("the storage pool {name} is more than {FULL_PERCENT} % full"),
            "Make it larger, or delete what is not needed in it",
        );
    }
}

#[derive(Deserialize)]
struct ProjectObject {
    #[serde(default, deserialize_with = "or_default")]
    config: Keys,
}

#[derive(Deserialize)]
struct Pool {
    driver: String,
}

#[derive(Deserialize)]
struct Resources {
    space: Space,
}

#[derive(Deserialize)]
struct Space {
    used: u64,
    total: u64,
}
