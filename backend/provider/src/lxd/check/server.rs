//! The server itself: reachable, trusting, new enough, on a kernel that has what isolation and limits need.

use std::collections::HashSet;

use serde::Deserialize;

use super::Findings;
use crate::{
    Error,
    lxd::{Lxd, wire::Server},
};

/// The oldest LXD that is known to work.
const OLDEST: (u32, u32) = (5, 0);

/// The server, if it can be worked with at all.
pub(super) async fn check(lxd: &Lxd, findings: &mut Findings) -> Option<Server> {
    let server: Server = match lxd.api.get(lxd.api.url(None, [])).await {
        Ok(server) => server,
        Err(error) => {
            findings.error(error.to_string(), unreachable_remedy(&error));
            return None;
        }
    };
    if server.auth != "trusted" {
        findings.error(
            "it does not trust this client",
            "Add the client's certificate on the server: lxc config trust add CERTIFICATE (incus config trust \
             add-certificate CERTIFICATE)",
        );
        return None;
    }
    let environment = &server.environment;
    if environment.server != "incus"
        && version(&environment.server_version).is_some_and(|is| is < OLDEST)
    {
        findings.warning(
            format!("LXD {} is older than what is known to work", environment.server_version),
            "Use LXD 5.0 or later, or Incus",
        );
    }
    if environment.kernel_features.get("idmapped_mounts").map(String::as_str) == Some("false") {
        findings.warning(
            "its kernel has no id-mapped mounts, so every file of a new container is changed before its first start",
            "Use a kernel from 5.12 on, or small images",
        );
    }
    check_warnings(lxd, findings).await;
    Some(server)
}

fn unreachable_remedy(error: &Error) -> &'static str {
    let words = error.to_string();
    if words.contains("ermission denied") {
        "Run as a member of the server's group (lxd or incus-admin), or as root"
    } else if words.contains("not the pinned one") {
        "Give the server's own certificate: lxc info prints it"
    } else {
        "Start LXD or Incus (make demo does), or correct its address in the configuration"
    }
}

/// Major and minor number of a version like `5.0.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next().and_then(Result::ok).unwrap_or(0)))
}

/// What the server itself complains about, as far as it is about isolation or limits. Only an administrator is told.
async fn check_warnings(lxd: &Lxd, findings: &mut Findings) {
    let mut url = lxd.api.url(None, ["warnings"]);
    url.query_pairs_mut().append_pair("recursion", "1");
    let warnings: Vec<Warning> = lxd.api.get(url).await.unwrap_or_default();
    // Some of them are kept once for each project.
    let mut told = HashSet::new();
    let news = warnings.iter().filter(|warning| warning.status == "new");
    for warning in news.filter(|warning| told.insert(&warning.kind)) {
        if warning.kind.contains("AppArmor") {
            findings.warning(
                "AppArmor is off, one wall less around each container",
                "Boot a kernel with AppArmor; id maps and seccomp hold without it",
            );
        } else if let Some(limit) = lost_limit(&warning.kind) {
            findings.warning(
                format!("{limit} can't be limited ({})", warning.kind),
                "Boot with cgroup v2, or enable that controller",
            );
        }
    }
}

/// The limit that a missing cgroup controller costs.
fn lost_limit(kind: &str) -> Option<&'static str> {
    let controller = kind.split_once("CGroup ")?.1;
    let limits =
        [("memory", "memory"), ("pids", "the number of processes"), ("cpu", "processor time")];
    limits.into_iter().find(|(name, _)| controller.starts_with(name)).map(|(_, limit)| limit)
}

#[derive(Deserialize)]
struct Warning {
    #[serde(default)]
    status: String,
    #[serde(default, rename = "type")]
    kind: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(version("5.0.2"), Some((5, 0)));
        assert_eq!(version("6"), Some((6, 0)));
        assert_eq!(version("?"), None);
        assert!(version("4.24").unwrap() < OLDEST && version("5.21.1").unwrap() > OLDEST);
    }

    #[test]
    fn only_the_limits_that_sources_have_count() {
        assert_eq!(
            lost_limit("Couldn't find the CGroup pids controller"),
            Some("the number of processes")
        );
        assert_eq!(lost_limit("Couldn't find the CGroup memory"), Some("memory"));
        assert_eq!(lost_limit("Couldn't find the CGroup network priority controller"), None);
        assert_eq!(lost_limit("Instance type not operational"), None);
    }
}
