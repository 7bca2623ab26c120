//! What the server of containers says: whether it answers, whether each source is there, whose containers it has.

use std::path::Path;

use domain::Project;
use provider::{
    Error, Observed, Provider,
    lxd::{
        Lxd,
        check::{self, Severity},
    },
};
use store::{Look, Store};

use super::finding::Finding;
use crate::{reconciler::refuse_many, source::SessionSource};

const ABOUT: &str = "server";
const CONTAINERS: &str = "containers";

/// Looks at the server and at each source.
pub(super) async fn look(lxd: &Lxd, sources: &[SessionSource]) -> Vec<Finding> {
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
    findings
}

/// What keeps the server from answering, and what helps.
pub(super) fn unreachable(error: &Error) -> Finding {
    Finding::problem(ABOUT, error, remedy(error))
}

/// Whose containers there are in these projects, by what was in the database before. What can't be listed has been
/// found by then.
pub(super) async fn whose(
    provider: &dyn Provider,
    projects: &[Project],
    had: Option<Look>,
    database: &Path,
) -> Vec<Finding> {
    let Ok(containers) = provider.list(projects).await else { return Vec::new() };
    let own = had.as_ref().map(|had| had.server_id);
    let (ours, foreign): (Vec<_>, Vec<_>) =
        containers.into_iter().partition(|container| container.mark == own);
    let mut findings =
        vec![Finding::fine(CONTAINERS, format_args!("{} of this service", ours.len()))];
    if !foreign.is_empty() {
        let names: Vec<_> =
            foreign.iter().map(|container| container.instance.to_string()).collect();
        findings.push(Finding::warning(
            CONTAINERS,
            format_args!("of another tryit, or of a database that is gone: {}", names.join(", ")),
            "They are never touched. If nobody needs them: lxc delete --force --project PROJECT NAME",
        ));
    }
    if let Some(had) = had {
        findings.extend(orphans(ours, &had, database).await);
    }
    findings
}

/// Whether so many of our containers have no row that a start would be refused.
async fn orphans(ours: Vec<Observed>, had: &Look, database: &Path) -> Option<Finding> {
    // A service that runs makes and deletes containers meanwhile: those had a row before, or have one now.
    let has = Store::look_at(database).await.ok()??;
    let orphans: Vec<_> = ours
        .into_iter()
        .map(|container| container.instance)
        .filter(|at| !had.instances.contains(at) && !has.instances.contains(at))
        .collect();
    let error = refuse_many(&orphans).err()?;
    Some(Finding::problem(CONTAINERS, error, "See *Orphans* in docs/operating.md."))
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
    use std::collections::HashSet;

    use domain::{InstanceRef, ServerId};
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
        let look = Look { server_id: own, instances: HashSet::new(), links: Vec::new() };
        let nowhere = Path::new("/no/such/database");
        let findings = whose(&sandboxes, &projects, Some(look), nowhere).await;
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
        let source = config.services().sources[0].source.clone();
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("tryit.db");
        let store = Store::open(&database).await.unwrap();
        let look = Store::look_at(&database).await.unwrap().unwrap();
        let projects = config.reconciler().projects;
        let mut had = Look { instances: HashSet::new(), ..look.clone() };
        for n in 1..=4 {
            let findings = whose(&sandboxes, &projects, Some(look.clone()), &database).await;
            assert!(findings.iter().all(|found| found.verdict == Verdict::Fine), "{n}");
            let name = format!("tryit-{n}").parse().unwrap();
            let instance = InstanceRef { project: source.project.clone(), name };
            had.instances.insert(instance.clone());
            let spec = CreateSpec { instance, mark: store.server_id(), source: source.clone() };
            sandboxes.create(&spec, mpsc::channel(1).0).await.unwrap();
        }
        let found = whose(&sandboxes, &projects, Some(look), &database).await.pop().unwrap();
        assert_eq!(found.verdict, Verdict::Problem);
        assert!(found.what.contains("tryit-4") && found.what.contains("--adopt"), "{}", found.what);
        let findings = whose(&sandboxes, &projects, Some(had), &database).await;
        assert!(findings.iter().all(|found| found.verdict == Verdict::Fine), "they had rows");
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_a_problem_with_a_remedy() {
        let config = config("[lxd]\nsocket = '/no/such/socket'");
        let finding = match Lxd::new(&config.lxd()) {
            Ok(lxd) => look(&lxd, &[]).await.remove(0),
            Err(error) => unreachable(&error),
        };
        assert_eq!(finding.verdict, Verdict::Problem);
        assert!(finding.remedy.is_some_and(|remedy| remedy.contains("[lxd]")));
    }
}
