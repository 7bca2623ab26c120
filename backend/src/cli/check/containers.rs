//! What the server of containers says: whether it answers, whether each source is there, whose containers it has.

use std::path::Path;

use domain::{Project, ServerId};
use provider::{
    Error, Provider,
    lxd::{
        Lxd,
        check::{self, Severity},
    },
};
use store::{Look, Store};

use super::finding::Finding;
use crate::{reconciler::refuse_many, source::SessionSource};

const ABOUT: &str = "server";

/// Looks at the server, at each source, and at the containers of the given projects. `own` is the mark of the
/// configured database, when there is one.
pub(super) async fn look(
    lxd: &Lxd,
    sources: &[SessionSource],
    projects: &[Project],
    own: Option<ServerId>,
) -> Vec<Finding> {
    let info = match lxd.info().await {
        Ok(info) => info,
        Err(error) => return vec![unreachable(&error)],
    };
    let sources: Vec<_> = sources.iter().map(|source| source.source.clone()).collect();
    let found = check::run(lxd, &sources).await;
    let server = format!("{} {} at {}", info.kind, info.version, lxd.server());
    let mut findings = vec![Finding::fine(ABOUT, server)];
    for source in &sources {
        let subject = format!("source {}", source.name);
        if !found.iter().any(|found| found.subject == subject) {
            findings.push(Finding::fine(subject, "ready"));
        }
    }
    findings.extend(found.into_iter().map(|found| match found.severity {
        Severity::Fine => Finding::fine(found.subject, found.problem),
        Severity::Error => Finding::problem(found.subject, found.problem, found.remedy),
        Severity::Warning => Finding::warning(found.subject, found.problem, found.remedy),
    }));
    findings.extend(containers(lxd, projects, own).await);
    findings
}

/// What keeps the server from answering, and what helps.
pub(super) fn unreachable(error: &Error) -> Finding {
    Finding::problem(ABOUT, error, remedy(error))
}

/// Whose containers there are. What can't be listed has been found by then.
async fn containers(
    provider: &dyn Provider,
    projects: &[Project],
    own: Option<ServerId>,
) -> Vec<Finding> {
    let about = "containers";
    let Ok(containers) = provider.list(projects).await else { return Vec::new() };
    let foreign = containers.iter().filter(|container| container.mark != own);
    let names: Vec<_> = foreign.map(|container| container.instance.to_string()).collect();
    let ours = containers.len() - names.len();
    let mut findings = vec![Finding::fine(about, format_args!("{ours} of this service"))];
    if !names.is_empty() {
        findings.push(Finding::warning(
            about,
            format_args!("of another tryit, or of a database that is gone: {}", names.join(", ")),
            "They are never touched. If nobody needs them: lxc delete --force --project PROJECT NAME",
        ));
    }
    findings
}

/// Whether there are so many containers of ours without a row that a start would be refused.
pub(super) async fn orphans(
    provider: &dyn Provider,
    projects: &[Project],
    had: &Look,
    database: &Path,
) -> Option<Finding> {
    let listed = provider.list(projects).await.ok()?;
    // A service that runs makes and deletes containers meanwhile: those had a row before, or have one now.
    let has = Store::look_at(database).await.ok()??;
    let ours = listed.into_iter().filter(|seen| seen.mark == Some(had.server_id));
    let orphans: Vec<_> = ours
        .map(|seen| seen.instance)
        .filter(|at| !had.instances.contains(at) && !has.instances.contains(at))
        .collect();
    let error = refuse_many(&orphans).err()?;
    let remedy = "See *Orphans* in docs/operating.md.";
    Some(Finding::problem("containers", error, remedy))
}

/// What helps against an error of the server as a whole.
pub(in crate::cli) fn remedy(error: &Error) -> &'static str {
    match error {
        Error::Untrusted(_) => {
            "Let the server trust the client's certificate: \
             lxc config trust add CERTIFICATE --restricted --projects PROJECT"
        }
        Error::Unreachable(why) if why.contains("ermission denied") => {
            "Run as root or as a member of the socket's group (lxd, or incus-admin), or use `lxd.url` with a certificate."
        }
        Error::Unreachable(_) => {
            "Install and start LXD (apt-get install lxd, or snap install lxd), or name its socket or URL in `[lxd]`."
        }
        _ => "The server's own log says more: journalctl -u lxd, or snap logs lxd.",
    }
}

#[cfg(test)]
mod tests {
    use domain::InstanceRef;
    use provider::{CreateSpec, preview::Preview};
    use tokio::sync::mpsc;

    use super::*;
    use crate::cli::{check::finding::Verdict, config::Config};

    fn config(text: &str) -> Config {
        let text = format!("{text}\n[source.shell]\nimage = 'tryit-shell'");
        Config::read(Some(("tryit.toml".into(), text)), []).unwrap()
    }

    #[tokio::test]
    async fn containers_of_others_are_listed() {
        let sandboxes = Preview::new().unwrap();
        let config = config("");
        let sources = config.services().sources;
        let (own, other) = (ServerId::random(), ServerId::random());
        for (name, mark) in [("tryit-own", own), ("tryit-other", other)] {
            let instance = InstanceRef {
                project: sources[0].source.project.clone(),
                name: name.parse().unwrap(),
            };
            let spec = CreateSpec { instance, mark, source: sources[0].source.clone() };
            sandboxes.create(&spec, mpsc::channel(1).0).await.unwrap();
        }
        let projects = config.reconciler().projects;
        let findings = containers(&sandboxes, &projects, Some(own)).await;
        let said: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(said.contains(&"ok       containers: 1 of this service".to_owned()), "{said:?}");
        let last = findings.last().unwrap();
        assert_eq!(last.verdict, Verdict::Warning);
        assert!(last.what.ends_with(": tryit/tryit-other"), "{}", last.what);
    }

    #[tokio::test]
    async fn what_a_start_would_refuse_is_found_before() {
        let sandboxes = Preview::new().unwrap();
        let config = config("");
        let project = config.services().sources[0].source.project.clone();
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("tryit.db");
        let store = Store::open(&database).await.unwrap();
        let look = Store::look_at(&database).await.unwrap().unwrap();
        let projects = config.reconciler().projects;
        for n in 1..=4 {
            assert!(orphans(&sandboxes, &projects, &look, &database).await.is_none(), "{n}");
            let name = format!("tryit-{n}").parse().unwrap();
            let instance = InstanceRef { project: project.clone(), name };
            let source = config.services().sources[0].source.clone();
            let spec = CreateSpec { instance, mark: store.server_id(), source };
            sandboxes.create(&spec, mpsc::channel(1).0).await.unwrap();
        }
        let found = orphans(&sandboxes, &projects, &look, &database).await.unwrap();
        assert_eq!(found.verdict, Verdict::Problem);
        assert!(found.what.contains("tryit-4") && found.what.contains("--adopt"), "{}", found.what);
        let all = Look { instances: sandboxes_of(&sandboxes, &projects).await, ..look };
        assert!(orphans(&sandboxes, &projects, &all, &database).await.is_none(), "they had rows");
    }

    async fn sandboxes_of(
        sandboxes: &Preview,
        projects: &[Project],
    ) -> std::collections::HashSet<InstanceRef> {
        let listed = sandboxes.list(projects).await.unwrap();
        listed.into_iter().map(|seen| seen.instance).collect()
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_a_problem_with_a_remedy() {
        let config = config("[lxd]\nsocket = '/no/such/socket'");
        let finding = match Lxd::new(&config.lxd()) {
            Ok(lxd) => look(&lxd, &[], &[], None).await.remove(0),
            Err(error) => unreachable(&error),
        };
        assert_eq!(finding.verdict, Verdict::Problem);
        assert!(finding.remedy.is_some_and(|remedy| remedy.contains("[lxd]")));
    }
}
