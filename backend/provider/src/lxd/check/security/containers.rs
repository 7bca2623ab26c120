//! The containers that there are now: ids, network cards, rights, and whose they are.

use domain::Project;

use super::{Findings, instances, shape};
use crate::{
    InstanceKind,
    lxd::{Lxd, idmap},
};

pub(super) async fn check(lxd: &Lxd, projects: &[Project], findings: &mut Findings) {
    let all = match instances(lxd, projects).await {
        Ok(all) => all,
        Err(error) => {
            return findings.warning(format!("can't be listed: {error}"), "See: tryit check");
        }
    };
    let (ours, others): (Vec<_>, Vec<_>) = all
        .iter()
        .partition(|instance| projects.iter().any(|ours| ours.as_str() == instance.project));
    let subject = std::mem::take(&mut findings.subject);
    for instance in ours {
        findings.subject = format!("container {}/{}", instance.project, instance.name);
        if let Some(other) = idmap::sharer(instance, &all) {
            findings.error(
                format!("has ids of {other}: root of one is root of the other"),
                "End its session, or delete it",
            );
        }
        // What is not a session's (an instance to copy from) lets no visitor in.
        if instance.mark().is_some() {
            let kind = match instance.kind.as_str() {
                "virtual-machine" => InstanceKind::VirtualMachine,
                _ => InstanceKind::Container,
            };
            shape::check(kind, &instance.expanded_config, &instance.expanded_devices, findings);
        }
    }
    findings.subject = subject;
    if !others.is_empty() {
        let names: Vec<_> =
            others.iter().map(|other| format!("{}/{}", other.project, other.name)).collect();
        findings.warning(
            format!("share the server with others: {}", names.join(", ")),
            "Give the service a machine of its own: a hole in the kernel is one for all",
        );
    }
}
