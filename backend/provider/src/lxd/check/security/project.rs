//! A project: whether it refuses what leads out of a container.

use domain::Project;
use serde::Deserialize;

use super::Findings;
use crate::lxd::{
    Lxd, fault,
    wire::{Keys, or_default},
};

pub(super) async fn check(lxd: &Lxd, project: &Project, findings: &mut Findings) {
    let url = lxd.api.url(None, ["projects", project.as_str()]);
    let found: Option<Object> = match fault::unless_absent(lxd.api.get(url).await) {
        Ok(found) => found,
        Err(error) => {
            return findings.warning(format!("can't be read: {error}"), "See: tryit check");
        }
    };
    let Some(found) = found else {
        return findings.error("is not there", "Make it: tryit setup");
    };
    let is = |key: &str, value: &str| found.config.get(key).map(String::as_str) == Some(value);
    let remedy = "Restrict it: tryit setup";
    if !is("restricted", "true") {
        return findings
            .error("is not restricted: whoever may use it may ask for root of the server", remedy);
    }
    if !is("restricted.containers.privilege", "isolated") {
        findings.error("allows privileged containers, or such as share ids", remedy);
    }
    for (key, what) in [
        (
            "restricted.containers.interception",
            "system calls of containers to be done by the server",
        ),
        ("restricted.devices.proxy", "ways from containers to the server's own ports"),
    ] {
        // Blocked is what the server takes an absent key for.
        if is(key, "allow") {
            findings.error(format!("allows {what} ({key})"), remedy);
        }
    }
}

#[derive(Deserialize)]
struct Object {
    #[serde(default, deserialize_with = "or_default")]
    config: Keys,
}
