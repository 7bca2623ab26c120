//! `tryit check`: looks at everything that the service needs, changes nothing, and says what is wrong and what helps.

mod containers;
mod finding;
mod host;
mod local;
mod security;
mod tutorials;

use std::process::ExitCode;

use domain::UnixMs;
use provider::lxd::Lxd;
use store::Store;

use super::{args::Check, config::Config};
pub(super) use containers::remedy;
use finding::{Finding, Verdict};

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
    findings.push(local::database(&config.database));
    findings.extend(local::web(&config.http()));
    findings.push(local::terms(config));
    findings.extend(tutorials::look(&services.tutorials, &services.sources));
    findings.extend(local::closed(config, UnixMs::now()));
    findings.extend(local::operators(&services.operators, UnixMs::now()));
    findings.extend(server(config).await);
    findings
}

/// What the server of containers says.
async fn server(config: &Config) -> Vec<Finding> {
    let lxd = match Lxd::new(&config.lxd()) {
        Ok(lxd) => lxd,
        Err(error) => return vec![containers::unreachable(&error)],
    };
    // A database that can't be read has its own finding.
    let own = Store::server_id_at(&config.database).await.ok().flatten();
    let projects = config.reconciler().projects;
    containers::look(&lxd, &config.services().sources, &projects, own).await
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
