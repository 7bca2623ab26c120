//! `tryit check`: looks at everything that the service needs, changes nothing, and says what is wrong and what helps.

mod containers;
mod finding;
mod local;
mod tutorials;

use std::process::ExitCode;

use domain::UnixMs;
use provider::lxd::Lxd;
use store::Store;

use super::config::Config;
pub(super) use containers::remedy;
use finding::{Finding, Verdict};

/// Prints each finding. Code 1 when one of them is a problem.
pub(super) async fn run(config: &Config) -> ExitCode {
    let services = config.services();
    let mut findings = local::configuration(config);
    findings.push(local::database(&config.database));
    findings.extend(local::web(&config.http()));
    findings.push(local::terms(config));
    findings.extend(tutorials::look(&services.tutorials, &services.sources));
    findings.extend(local::closed(config, UnixMs::now()));
    findings.extend(local::operators(&services.operators, UnixMs::now()));
    findings.extend(server(config).await);
    for finding in &findings {
        println!("{finding}");
    }
    conclusion(&findings)
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
        (problems, _) => {
            println!("\n{problems} to put right before `tryit serve`.");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
