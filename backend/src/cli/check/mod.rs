//! `tryit check`: looks at everything that the service needs, changes nothing, and says what is wrong and what helps.

mod containers;
mod finding;
mod host;
mod local;
mod security;
mod tutorials;

use std::{path::Path, process::ExitCode};

use domain::UnixMs;
use provider::lxd::Lxd;
use store::{Look, Store};

use super::{args::Check, config::Config};
pub(super) use containers::remedy;
use finding::{Finding, Verdict};

/// What helps a database that can't be used, besides what its error says.
const DATABASE_REMEDY: &str = "See *Backups* and *A new version* in docs/operating.md.";

/// Prints each finding. Code 1 when one of them is a problem; of those about security, the worst one's.
pub(super) async fn run(config: &Config, options: &Check) -> ExitCode {
    let findings = match options.security {
        true => security::look(config).await,
        false => all(config).await,
    };
    if options.json {
        // Nothing in a finding can't be written as JSON.
        println!("{}", serde_json::to_string_pretty(&findings).unwrap_or_default());
    } else {
        findings.iter().for_each(|finding| println!("{finding}"));
    }
    match (options.security, options.json) {
        (true, _) => security::code(&findings),
        (false, true) => code(&findings),
        (false, false) => conclusion(&findings),
    }
}

async fn all(config: &Config) -> Vec<Finding> {
    let services = config.services();
    let mut findings = local::configuration(config);
    let (database, look) = database(&config.database).await;
    findings.push(database);
    findings.extend(local::web(&config.http()));
    findings.push(local::terms(config));
    findings.extend(tutorials::look(&services.tutorials, &services.sources));
    findings.extend(local::closed(config, UnixMs::now()));
    findings.extend(local::operators(&services.operators, UnixMs::now()));
    findings.extend(server(config, look).await);
    findings
}

/// The database: whether it can be opened, and what is in it. Nothing is in one that is not there yet; of one that
/// can't be read it is not known.
async fn database(path: &Path) -> (Finding, Option<Option<Look>>) {
    let finding = local::database(path);
    if finding.verdict != Verdict::Fine {
        return (finding, None);
    }
    match Store::inspect(path).await {
        Ok(look) => (finding, Some(look)),
        Err(error) => (Finding::problem("database", error, DATABASE_REMEDY), None),
    }
}

/// What the server of containers says.
async fn server(config: &Config, look: Option<Option<Look>>) -> Vec<Finding> {
    let lxd = match Lxd::new(&config.lxd()) {
        Ok(lxd) => lxd,
        Err(error) => return vec![containers::unreachable(&error)],
    };
    let mut findings = containers::look(&lxd, &config.services().sources).await;
    // Without its database, a container that is ours would pass for a stranger's.
    if let Some(look) = look {
        let projects = config.reconciler().projects;
        findings.extend(containers::whose(&lxd, &projects, look, &config.database).await);
    }
    findings
}

fn conclusion(findings: &[Finding]) -> ExitCode {
    let count =
        |verdict: Verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    match (count(Verdict::Problem), count(Verdict::Warning)) {
        (0, 0) => println!("\nNothing stands in the way of `tryit serve`."),
        (0, warnings) => {
            println!("\nNothing stands in the way of `tryit serve`; {warnings} to look at.")
        }
        (problems, _) => println!("\n{problems} to put right before `tryit serve`."),
    }
    code(findings)
}

fn code(findings: &[Finding]) -> ExitCode {
    match findings.iter().any(|finding| finding.verdict == Verdict::Problem) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}
