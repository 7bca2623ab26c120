//! What the server of containers says: whether it answers, whether each source is there, whose containers it has.

use domain::{Project, ServerId};
use provider::{
    Error, Provider,
    lxd::{
        Lxd,
        check::{self, Severity},
    },
};

use super::finding::Finding;
use crate::source::SessionSource;

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
