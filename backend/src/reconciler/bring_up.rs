//! Makes a container ready for a visitor, from wherever it is: create, start, the source's `ready` command, terminal 1.
//! Every part of it may have been done before, by a process that was killed in between.

use std::{collections::BTreeMap, time::Duration};

use domain::{InstanceName, InstanceState, PhaseStep, TerminalNumber, UnixMs};
use provider::{CreateSpec, Error as ProviderError, RunSpec};
use store::{Instance, Ready};
use terminal::{OpenError, TerminalKey};
use tokio_util::sync::CancellationToken;

use super::{Shared, phase::PhaseWriter};
use crate::source::SessionSource;

/// The size of a terminal before its browser says its own.
const SIZE: (u16, u16) = (80, 24);
/// The first wait before another try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The wait before a server that went away in the middle is asked once more.
const AGAIN: Duration = Duration::from_secs(1);
/// What a visitor is told meanwhile.
const AWAY: &str = "The server that runs the containers does not answer. Waiting until it is back";

/// Brings a container up, or notes why not and when to try again. Once it is `unwanted` nothing is waited for that can
/// be left off: its turn, and the source's `ready` command. What the server does with it is seen to its end.
pub async fn bring_up(shared: &Shared, row: &Instance, unwanted: &CancellationToken) {
    let result = match source(shared, row) {
        Some(source) => try_bring_up(shared, row, &source, unwanted).await,
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
    unwanted: &CancellationToken,
) -> Result<(), Failure> {
    let (at, provider) = (&row.at, &shared.provider);
    let mut phase = PhaseWriter::new(&shared.store, row);
    let spec = CreateSpec {
        instance: at.clone(),
        mark: shared.store.server_id(),
        source: source.source.clone(),
    };
    let name = &at.name;
    let turn = unwanted.run_until_cancelled(phase.until_turn(shared.turns.wait(row))).await;
    let turn = turn.ok_or(Failure::Unwanted)??.ok_or(Failure::Unwanted)?;
    still_wanted(shared, row).await?;
    phase
        .during(PhaseStep::Creating, &format!("Creating {name}"), async |to| {
            provider.create(&spec, to).await
        })
        .await?;
    drop(turn);
    still_wanted(shared, row).await?;
    let started = phase
        .during(PhaseStep::Starting, &format!("Starting {name}"), async |to| {
            provider.start(at, to).await
        })
        .await;
    if let Err(ProviderError::Refused(_)) = &started {
        // What a server that was killed has made by half, it refuses each time. Creation is tried anew.
        remove(shared, row).await;
    }
    started?;
    still_wanted(shared, row).await?;
    if let Some(command) = &source.ready {
        let prepared =
            phase.during(PhaseStep::Preparing, "Waiting until it is ready", async |_| {
                ready(shared, row, command, source.ready_deadline).await
            });
        unwanted.run_until_cancelled(prepared).await.ok_or(Failure::Unwanted)??;
    }
    phase.step(PhaseStep::Opening, "Opening a terminal").await;
    open_first(shared, row, source).await.map_err(open_failed)?;
    let duration = shared.settings.borrow().duration;
    match shared.store.instance_ready(name, duration, UnixMs::now()).await? {
        Ready::Claimed(session) => tracing::info!(%session, instance = %at, "a session runs"),
        Ready::Warm => tracing::info!(instance = %at, "a container waits in the pool"),
        Ready::Unwanted => return Err(Failure::Unwanted),
    }
    Ok(())
}

async fn open_first(
    shared: &Shared,
    row: &Instance,
    source: &SessionSource,
) -> Result<(), OpenError> {
    let key = TerminalKey { instance: row.at.clone(), number: TerminalNumber::FIRST };
    shared.terminals.open(&key, source.exec(SIZE.0, SIZE.1)).await
}

/// Opens the first terminal of a container that waits, where it was lost or its command has ended.
pub async fn open_again(shared: &Shared, row: &Instance) {
    let Some(source) = source(shared, row) else { return };
    match open_first(shared, row, &source).await {
        Err(OpenError::Provider(error)) if error.is_outage() => {
            tracing::debug!(instance = %row.at, cause = %error, "a terminal cannot be opened again now");
        }
        opened => {
            shared.setbacks.reopened(&row.at.name, UnixMs::now());
            if let Err(error) = opened {
                tracing::debug!(instance = %row.at, cause = %error, "a terminal was not opened again");
            }
        }
    }
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
        // Others may wait for the same try, so that nobody owns the error.
        OpenError::Provider(error) if error.is_outage() => {
            Failure::Provider(ProviderError::Unreachable(error.to_string()))
        }
        OpenError::Provider(error) => Failure::Provider(ProviderError::Refused(error.to_string())),
    }
}

/// What its container is made from, as it is configured now.
fn source(shared: &Shared, row: &Instance) -> Option<SessionSource> {
    let settings = shared.settings.borrow();
    settings.sources.iter().find(|source| source.source.name == row.source).cloned()
}

async fn failed(shared: &Shared, row: &Instance, error: ProviderError) {
    let noted = match error {
        // The server's failure, not the container's: it costs no try.
        ProviderError::Unreachable(why) => {
            tracing::warn!(instance = %row.at, cause = why, "the server went away while a container was made");
            shared.breaks.note(&why, UnixMs::now());
            PhaseWriter::new(&shared.store, row).step(PhaseStep::Creating, AWAY).await;
            let again = UnixMs::now().plus(AGAIN);
            shared.store.record_outage(&row.at.name, &why, again).await.map(drop)
        }
        // Not ours: left alone, and another name is tried.
        ProviderError::NameTaken(_) => {
            tracing::warn!(instance = %row.at, "the name of a container to be made is taken");
            let names = InstanceName::candidates();
            shared.store.rename_instance(&row.at.name, names, UnixMs::now()).await.map(drop)
        }
        error => {
            // No isolation: it must go before anybody gets in. Creation is tried anew.
            if let ProviderError::SharedIdRange(_) = &error {
                remove(shared, row).await;
            }
            try_again(shared, row, &error).await
        }
    };
    if let Err(error) = noted {
        tracing::error!(instance = %row.at, cause = %error, "a failed start could not be noted");
    }
}

/// Removes what cannot be used, so that it is created anew.
async fn remove(shared: &Shared, row: &Instance) {
    if let Err(error) = shared.provider.delete(&row.at, shared.store.server_id()).await {
        tracing::error!(instance = %row.at, cause = %error, "a container that cannot be used is still there");
    }
}

/// A visitor's container is tried again soon. One of the pool is given up, and its source rests: nobody waits for it.
async fn try_again(
    shared: &Shared,
    row: &Instance,
    error: &ProviderError,
) -> Result<(), store::Error> {
    let (name, now) = (&row.at.name, UnixMs::now());
    // What took too long is no outage: it would take as long again, in the way of others.
    let is_outage = matches!(error, ProviderError::Unreachable(_));
    // It may have become a visitor's meanwhile, who waits for it: then it is not given up.
    if row.session.is_none() && !is_outage && shared.store.discard_instance(name, now).await? {
        shared.pool_failed(&row.at, &row.source, &error.to_string());
        return Ok(());
    }
    tracing::warn!(instance = %row.at, attempt = row.attempts + 1, cause = %error, "a container could not be made ready");
    let wait = FIRST_WAIT.saturating_mul(1 << row.attempts.min(6));
    shared.store.record_failure(name, &error.to_string(), now.plus(wait)).await.map(drop)
}
