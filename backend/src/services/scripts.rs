//! A tutorial's scripts in a container: written to a file there, run by bash (or sh where there is none), logged.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use domain::InstanceRef;
use provider::{Provider, Result, RunSpec};
use tutorial::Script;

/// Where scripts and their logs are, inside the container.
const DIRECTORY: &str = "/var/lib/tryit";
/// Scripts are read like any program's, but only root may look at a check.
const MODE: u32 = 0o700;
/// Of a script's output that is looked at: its end.
const MAX_OUTPUT: usize = 64 * 1024;
/// How long a background script may take.
const BACKGROUND_SECONDS: u32 = 600;
/// How long may take what ends by itself at once.
const SHORT_DEADLINE: Duration = Duration::from_secs(10);

/// A script that is in the container.
pub struct Placed(String);

impl Placed {
    /// Its path there: no blank, nothing that a shell would change.
    pub fn path(&self) -> &str {
        &self.0
    }
}

/// How a script ended.
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// The end of what it said.
    pub said: Bytes,
}

/// Writes a script into the container. `name` is ours: a page and what the script is for.
pub async fn place(
    provider: &dyn Provider,
    instance: &InstanceRef,
    name: &str,
    script: &Script,
) -> Result<Placed> {
    let path = format!("{DIRECTORY}/{name}.sh");
    provider.write_file(instance, &path, script.text.clone().into(), MODE).await?;
    Ok(Placed(path))
}

/// Runs a script to its end; what it says goes into a log beside it.
pub async fn run(
    provider: &dyn Provider,
    instance: &InstanceRef,
    script: &Placed,
    deadline: Duration,
) -> Result<Ran> {
    let path = script.path();
    // Not through a pipe, which whatever the script leaves running would hold open.
    let logged = format!("{SHELL} exec \"$shell\" {path} >{path}.log 2>&1 </dev/null");
    let code = provider.run(instance, &spec(&logged, deadline)).await?.code;
    let tail = spec(&format!("tail -c {MAX_OUTPUT} {path}.log"), SHORT_DEADLINE);
    Ok(Ran { code, said: provider.run(instance, &tail).await?.stdout })
}

/// Sets a script going and leaves it; what it says goes into a log beside it.
pub async fn run_detached(
    provider: &dyn Provider,
    instance: &InstanceRef,
    script: &Placed,
) -> Result<()> {
    let path = script.path();
    // A session of its own, so that the end of this command does not end it.
    let detached = format!(
        "{SHELL} limit=; command -v timeout >/dev/null && limit='timeout {BACKGROUND_SECONDS}'; \
         session=; command -v setsid >/dev/null && session=setsid; \
         $session $limit \"$shell\" {path} >{path}.log 2>&1 </dev/null &"
    );
    provider.run(instance, &spec(&detached, SHORT_DEADLINE)).await.map(drop)
}

/// Many scripts are written for bash and have no first line that says so.
const SHELL: &str = "shell=sh; command -v bash >/dev/null && shell=bash;";

fn spec(script: &str, deadline: Duration) -> RunSpec {
    let environment = [("HOME", "/root"), ("USER", "root"), ("PATH", PATH), ("LANG", "C.UTF-8")];
    RunSpec {
        command: vec!["sh".into(), "-c".into(), script.into()],
        environment: BTreeMap::from(
            environment.map(|(name, value)| (name.to_owned(), value.to_owned())),
        ),
        cwd: Some("/root".into()),
        user: None,
        group: None,
        deadline,
        max_output: MAX_OUTPUT,
    }
}

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin";
