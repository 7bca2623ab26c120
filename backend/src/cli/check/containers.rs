//! What the server of containers says: whether it answers, whether each source is there, whose containers it has.

use domain::{Project, ServerId};
use provider::{Error, Origin, Provider};

use super::finding::Finding;
use crate::source::SessionSource;

const ABOUT: &str = "LXD";

/// Asks the server at `place`. `own` is the mark of the configured database, when there is one.
pub(super) async fn look(
    provider: &dyn Provider,
    place: &str,
    sources: &[SessionSource],
    projects: &[Project],
    own: Option<ServerId>,
) -> Vec<Finding> {
    let mut findings = match provider.info().await {
        Ok(info) if info.trusted => {
            vec![Finding::fine(ABOUT, format_args!("{} {} at {place}", info.kind, info.version))]
        }
        Ok(_) => return vec![unreachable(&Error::Untrusted(place.to_owned()))],
        Err(error) => return vec![unreachable(&error)],
    };
    for source in sources {
        findings.push(look_at(provider, source).await);
    }
    match provider.list(projects).await {
        Ok(containers) => {
            let foreign = |container: &&provider::Observed| container.mark != own;
            let names: Vec<_> = containers
                .iter()
                .filter(foreign)
                .map(|container| container.instance.to_string())
                .collect();
            let ours = containers.len() - names.len();
            findings.push(Finding::fine("containers", format_args!("{ours} of this service")));
            if !names.is_empty() {
                findings.push(Finding::warning(
                    "containers",
                    format_args!("of another tryit, or of a database that is gone: {}", names.join(", ")),
                    "They are never touched. If nobody needs them: lxc delete --force --project PROJECT NAME",
                ));
            }
        }
        Err(error) => findings.push(Finding::problem(
            "containers",
            format_args!("can't be listed: {error}"),
            "Make the projects that the sources name: sudo tryit setup",
        )),
    }
    findings
}

/// What keeps the server from answering, and what helps.
pub(super) fn unreachable(error: &Error) -> Finding {
    let remedy = match error {
        Error::Untrusted(_) => {
            "Let the server trust the client's certificate: \
             lxc config trust add CERTIFICATE --restricted --projects PROJECT"
        }
        Error::Unreachable(why) if why.contains("ermission denied") => {
            "Run as a member of the socket's group (lxd, or incus-admin), or use `lxd.url` with a certificate."
        }
        _ => {
            "Start LXD, or name its socket or URL in `[lxd]`. Is it installed? `sudo tryit setup` needs it, too."
        }
    };
    Finding::problem(ABOUT, error, remedy)
}

async fn look_at(provider: &dyn Provider, source: &SessionSource) -> Finding {
    let about = "source";
    let name = &source.source.name;
    match provider.generation(&source.source).await {
        Ok(_) => Finding::fine(about, name),
        Err(error) => {
            let project = &source.source.project;
            let remedy = match &source.source.origin {
                Origin::Image { alias } => format!(
                    "Import the image as {alias} into the project {project} (sudo tryit setup --image FILE),\n\
                     or name another: lxc image list --project {project}"
                ),
                Origin::Remote { server, .. } => {
                    format!(
                        "The server needs a way to {server}, and that the alias there is right."
                    )
                }
                Origin::Instance { .. } | Origin::Snapshot { .. } => {
                    format!(
                        "See what there is: lxc list --project {project}; and `from_project` where it is elsewhere."
                    )
                }
            };
            Finding::problem(about, format_args!("{name}: {error}"), remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::InstanceRef;
    use provider::{CreateSpec, lxd::Lxd, preview::Preview};
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
        let findings = look(&sandboxes, "here", &sources, &projects, Some(own)).await;
        let said: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(said.contains(&"ok       source: shell".to_owned()), "{said:?}");
        assert!(said.contains(&"ok       containers: 1 of this service".to_owned()), "{said:?}");
        let last = findings.last().unwrap();
        assert_eq!(last.verdict, Verdict::Warning);
        assert!(last.what.ends_with(": tryit/tryit-other"), "{}", last.what);
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_a_problem_with_a_remedy() {
        let config = config("[lxd]\nsocket = '/no/such/socket'");
        let finding = match Lxd::new(&config.lxd()) {
            Ok(lxd) => look(&lxd, lxd.server(), &[], &[], None).await.remove(0),
            Err(error) => unreachable(&error),
        };
        assert_eq!(finding.verdict, Verdict::Problem);
        assert!(finding.remedy.is_some() && !Path::new("/no/such/socket").exists());
    }
}
