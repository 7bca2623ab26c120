//! Whether what keeps containers in is in force: in the projects, on the bridge, of each source, and of each container
//! that there is now.

mod containers;
mod network;
mod project;
mod shape;

use domain::{Project, ServerId};

use super::{Finding, Findings, Severity};
use crate::{
    Outward, Source,
    lxd::{Lxd, fault, origin, shape as shapes, wire::Instance},
};

/// What is to be in force.
pub struct Secured<'a> {
    /// The sources of containers.
    pub sources: &'a [Source],
    /// The projects that containers are in.
    pub projects: &'a [Project],
    /// The bridge, and what it is to let through. A rule without a destination stands for names, whose addresses change.
    pub outward: &'a Outward,
}

/// Looks at all of it; what is as it should be is said too.
pub async fn security(lxd: &Lxd, secured: &Secured<'_>) -> Vec<Finding> {
    let mut findings = Findings::about(String::new());
    for project in secured.projects {
        findings.group(format!("project {project}"), "is restricted");
        project::check(lxd, project, &mut findings).await;
    }
    findings.group(
        format!("network {}", secured.outward.bridge),
        "lets through what the configuration lists, and its name server asks nobody",
    );
    network::check(lxd, secured.outward, &mut findings).await;
    for source in secured.sources {
        findings
            .group(format!("source {}", source.name), "makes unprivileged, isolated containers");
        check_source(lxd, source, &mut findings).await;
    }
    findings.group("containers".to_owned(), "have ids of their own and isolated network cards");
    containers::check(lxd, secured.projects, &mut findings).await;
    findings.close();
    findings.found
}

async fn check_source(lxd: &Lxd, source: &Source, findings: &mut Findings) {
    // What is missing is the plain check's to say.
    let (Ok(origin), Ok(dialect)) = (origin::resolve(&lxd.api, source).await, lxd.dialect().await)
    else {
        return findings.warning("can't be looked at", "See: tryit check");
    };
    let mut config = origin.config();
    config.extend(shapes::config(source, ServerId::random(), dialect));
    shape::check(source.kind, &config, &origin.devices(), findings);
}

/// Every instance that this client is told of, in whatever project.
async fn instances(lxd: &Lxd, projects: &[Project]) -> crate::Result<Vec<Instance>> {
    let mut url = lxd.api.url(None, ["instances"]);
    url.query_pairs_mut().append_pair("recursion", "1").append_pair("all-projects", "true");
    match lxd.api.get(url).await {
        Ok(all) => Ok(all),
        // A restricted client is told of its projects alone.
        Err(crate::Error::Untrusted(_) | crate::Error::Refused(_)) => {
            let mut all = Vec::new();
            for project in projects {
                let mut url = lxd.api.url(Some(project), ["instances"]);
                url.query_pairs_mut().append_pair("recursion", "1");
                let found: Option<Vec<Instance>> = fault::unless_absent(lxd.api.get(url).await)?;
                all.extend(found.unwrap_or_default());
            }
            Ok(all)
        }
        Err(error) => Err(error),
    }
}

impl Findings {
    /// Begins another subject. `fine` is said of it if nothing else is.
    fn group(&mut self, subject: String, fine: &'static str) {
        self.close();
        self.subject = subject;
        self.fine = Some(self.found.len());
        self.found.push(Finding {
            severity: Severity::Fine,
            subject: self.subject.clone(),
            problem: fine.to_owned(),
            remedy: String::new(),
        });
    }

    /// Takes back what was said to be fine, where something was found after it.
    fn close(&mut self) {
        if let Some(at) = self.fine.take().filter(|at| at + 1 < self.found.len()) {
            self.found.remove(at);
        }
    }
}
