//! Makes a container ready for a visitor, from wherever it is: create, start, the source's `ready` command, terminal 1.
//! Every part of it may have been done before, by a process that was killed in between.

use std::{collections::BTreeMap, time::Duration};

use domain::{InstanceName, InstanceState, PhaseStep, TerminalNumber, UnixMs};
use provider::{CreateSpec, Error as ProviderError, RunSpec};
use store::{Instance, Ready};
use terminal::{OpenError, TerminalKey};

use super::{Shared, phase::PhaseWriter};
use crate::source::SessionSource;

/// The size of a terminal before its browser says its own.
const SIZE: (u16, u16) = (80, 24);
/// The first wait before another try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Brings a container up, or notes why not and when to try again.
pub async fn bring_up(shared: &Shared, row: &Instance) {
    let result = match source(shared, row) {
        Some(source) => try_bring_up(shared, row, &source).await,
        None => Err(Failure::Provider(ProviderError::NotFound(format!("source {}", row.source)))),
    };
    match result {
        Ok(()) => {}
        Err(Failure::Unwanted) => {
            tracing::debug!(instance = %row.at, "a container is not wanted any more")
        }
        Err(Failure::Store(error)) => {
            tracing::error!(instance = %row.at, cause = %error, "a start could not be noted");
        }
        Err(Failure::Provider(error)) => failed(shared, row, error).await,
    }
}

enum Failure {
    /// Its session ended meanwhile.
    Unwanted,
    Store(store::Error),
    Provider(ProviderError),
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

async fn try_bring_up(
    shared: &Shared,
    row: &Instance,
    source: &SessionSource,
) -> Result<(), Failure> {
    let (at, provider) = (&row.at, &shared.provider);
    let phase = PhaseWriter { store: &shared.store, session: row.session };
    let spec = CreateSpec {
        instance: at.clone(),
        mark: shared.store.server_id(),
        source: source.source.clone(),
    };
    let name = &at.name;
    phase
        .during(PhaseStep::Creating, &format!("Creating {name}"), async |to| {
            provider.create(&spec, to).await
        })
        .await?;
    still_wanted(shared, row).await?;
    phase
        .during(PhaseStep::Starting, &format!("Starting {name}"), async |to| {
            provider.start(at, to).await
        })
        .await?;
    still_wanted(shared, row).await?;
    if let Some(command) = &source.ready {
        phase.step(PhaseStep::Preparing, "Waiting until it is ready").await;
        ready(shared, row, command, source.ready_deadline).await?;
    }
    phase.step(PhaseStep::Opening, "Opening a terminal").await;
    let key = TerminalKey { instance: at.clone(), number: TerminalNumber::FIRST };
    shared.terminals.open(&key, source.exec(SIZE.0, SIZE.1)).await.map_err(open_failed)?;
    let duration = shared.settings.borrow().duration;
    match shared.store.instance_ready(name, duration, UnixMs::now()).await? {
        Ready::Claimed(session) => tracing::info!(%session, instance = %at, "a session runs"),
        Ready::Warm => tracing::info!(instance = %at, "a container waits in the pool"),
        Ready::Unwanted => return Err(Failure::Unwanted),
    }
    Ok(())
}

/// A row that is being deleted is left to its deletion as soon as possible.
async fn still_wanted(shared: &Shared, row: &Instance) -> Result<(), Failure> {
    match shared.store.instance(&row.at.name).await? {
        Some(row) if row.state == InstanceState::Creating => Ok(()),
        _ => Err(Failure::Unwanted),
    }
}

async fn ready(
    shared: &Shared,
    row: &Instance,
    command: &[String],
    deadline: Duration,
) -> Result<(), ProviderError> {
    let spec = RunSpec {
        command: command.to_vec(),
        environment: BTreeMap::new(),
        cwd: None,
        user: None,
        group: None,
        deadline,
        max_output: 4096,
    };
    let output = shared.provider.run(&row.at, &spec).await?;
    if output.code == 0 {
        return Ok(());
    }
    let said = String::from_utf8_lossy(if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    });
    Err(ProviderError::Refused(format!("`ready` ended with {}: {}", output.code, said.trim())))
}

fn open_failed(error: OpenError) -> Failure {
    match error {
        OpenError::Closed | OpenError::ShuttingDown => Failure::Unwanted,
        OpenError::Provider(error) => Failure::Provider(ProviderError::Refused(error.to_string())),
    }
}

/// What its container is made from, as it is configured now.
fn source(shared: &Shared, row: &Instance) -> Option<SessionSource> {
    let settings = shared.settings.borrow();
    settings.sources.iter().find(|source| source.source.name == row.source).cloned()
}

async fn failed(shared: &Shared, row: &Instance, error: ProviderError) {
    tracing::warn!(instance = %row.at, attempt = row.attempts + 1, cause = %error, "a container could not be made ready");
    let name = &row.at.name;
    let wait = FIRST_WAIT.saturating_mul(1 << row.attempts.min(6));
    let noted = match error {
        // Not ours: left alone, and another name is tried.
        ProviderError::NameTaken(_) => {
            let names = InstanceName::candidates();
            shared.store.rename_instance(name, names, UnixMs::now()).await.map(drop)
        }
        error => {
            // No isolation: it must go before anybody gets in. Creation is tried anew.
            if let ProviderError::SharedIdRange(_) = &error
                && let Err(error) = shared.provider.delete(&row.at, shared.store.server_id()).await
            {
                tracing::error!(instance = %row.at, cause = %error, "a container with a shared id range is still there");
            }
            shared
                .store
                .record_failure(name, &error.to_string(), UnixMs::now().plus(wait))
                .await
                .map(drop)
        }
    };
    if let Err(error) = noted {
        tracing::error!(instance = %row.at, cause = %error, "a failed start could not be noted");
    }
}
