//! `tryit check --security`: whether what keeps visitors in is in force, on the server and on its machine.

use std::{path::Path, process::ExitCode};

use provider::{
    Outward,
    lxd::{
        Address, Lxd,
        check::{self, Secured, Severity},
    },
};
use store::Store;

use super::{
    containers::unreachable,
    finding::{Finding, Verdict},
    host,
};
use crate::{cli::config::Config, jobs::outward::Linked};

/// The ids of a container, and of one that has containers inside.
const IDS: u64 = 65_536;
const NESTED_IDS: u64 = 262_144;

/// Looks at the server, and at this machine where the server is on it.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let lxd = match Lxd::new(&config.lxd()) {
        Ok(lxd) => lxd,
        Err(error) => return vec![unreachable(&error)],
    };
    let mut findings = vec![rights(&config.lxd().address)];
    if lxd.is_local() {
        findings.extend(host::look(Path::new("/"), &need(config)));
    }
    let sources: Vec<_> =
        config.services().sources.iter().map(|source| source.source.clone()).collect();
    let outward = config.outward();
    // Of sessions that are linked in a database that can't be read, nobody knows.
    let look = Store::look_at(&config.database).await.ok().flatten();
    let links = look.filter(|_| !outward.link.is_empty()).map_or_else(Vec::new, |look| look.links);
    let linked = Linked::ask(&lxd, links).await;
    let secured = Secured {
        sources: &sources,
        projects: &config.reconciler().projects,
        // Names without their addresses.
        outward: &Outward { pairs: linked.pairs(&outward.link), ..outward.outward(|_| Vec::new()) },
    };
    findings.extend(check::security(&lxd, &secured).await.into_iter().map(|found| {
        match found.severity {
            Severity::Fine => Finding::fine(found.subject, found.problem),
            Severity::Warning => Finding::warning(found.subject, found.problem, found.remedy),
            Severity::Error => Finding::problem(found.subject, found.problem, found.remedy),
        }
    }));
    findings
}

/// The worst finding's: 0, 1 or 2.
pub(super) fn code(findings: &[Finding]) -> ExitCode {
    match findings.iter().map(|finding| finding.verdict).max() {
        None | Some(Verdict::Fine) => ExitCode::SUCCESS,
        Some(Verdict::Warning) => ExitCode::from(1),
        Some(Verdict::Problem) => ExitCode::from(2),
    }
}

/// What whoever breaks into the service would have.
fn rights(address: &Address) -> Finding {
    let about = "rights";
    match address {
        Address::Unix(_) => Finding::warning(
            about,
            "the service uses LXD's socket: whoever breaks into it is root of the server",
            "Give it a certificate that is restricted to its projects (docs/operating.md), or a machine of its own.",
        ),
        Address::Https(_) => Finding::fine(
            about,
            "a certificate; what it may do stands on the server: lxc config trust list",
        ),
    }
}

/// What the machine is to have room for.
fn need(config: &Config) -> host::Need {
    let sources = config.services().sources;
    let sessions = u64::from(config.services().limits.max);
    let waiting = |source: &crate::source::SessionSource| u64::from(source.pool.size);
    let ids = |source: &crate::source::SessionSource| {
        if source.source.nesting { NESTED_IDS } else { IDS }
    };
    let memory = |source: &crate::source::SessionSource| {
        let limit = source.source.limits.memory.as_ref()?;
        limit.parse::<bytesize::ByteSize>().ok().map(|size| size.as_u64())
    };
    // Whatever a session is made from: the largest.
    let each = |size: &dyn Fn(&crate::source::SessionSource) -> u64| {
        let pool: u64 = sources.iter().map(|source| waiting(source) * size(source)).sum();
        pool + sessions * sources.iter().map(size).max().unwrap_or(0)
    };
    host::Need {
        containers: each(&|_| 1),
        ids: each(&ids),
        memory: each(&|source| memory(source).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_needed_for_the_largest_of_all_sessions_and_for_what_waits() {
        let config = "[session]\nmax = 10\n[pool]\nsize = 2\n\
                      [source.a]\nimage = 'a'\nlimits.memory = '1GiB'\n\
                      [source.b]\nimage = 'b'\nnesting = true\nlimits.memory = '256MiB'";
        let config = Config::read(Some(("tryit.toml".into(), config.to_owned())), []).unwrap();
        let need = need(&config);
        assert_eq!(need.containers, 14);
        assert_eq!(need.ids, 12 * NESTED_IDS + 2 * IDS);
        assert_eq!(need.memory, (12 << 30) + (512 << 20));
    }

    #[test]
    fn the_worst_finding_is_the_code() {
        let (fine, warning) = (Finding::fine("a", "b"), Finding::warning("a", "b", "c"));
        let problem = Finding::problem("a", "b", "c");
        let code = |findings: &[&Finding]| {
            format!("{:?}", code(&findings.iter().map(|one| (*one).clone()).collect::<Vec<_>>()))
        };
        assert_eq!(code(&[&fine]), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(code(&[&fine, &warning]), format!("{:?}", ExitCode::from(1)));
        assert_eq!(code(&[&problem, &warning, &fine]), format!("{:?}", ExitCode::from(2)));
    }
}
