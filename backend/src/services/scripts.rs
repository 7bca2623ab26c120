//! A tutorial's scripts in a container: written to a file there, run by bash (or sh where there is none), logged.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use domain::InstanceRef;
use provider::{Error, Output, Provider, Result, RunSpec};
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
    let code = run_through(provider, instance, &spec(&logged, deadline)).await?.code;
    let tail = spec(&format!("tail -c {MAX_OUTPUT} {path}.log"), SHORT_DEADLINE);
    let said = run_through(provider, instance, &tail).await?.stdout;
    if code != 0 && could_not_fork(&said) {
        return Err(Error::Exhausted("a script could not start a program".to_owned()));
    }
    Ok(Ran { code, said })
}

/// Runs a command that nobody but the kernel would kill: it does when there is no memory left.
async fn run_through(
    provider: &dyn Provider,
    instance: &InstanceRef,
    spec: &RunSpec,
) -> Result<Output> {
    let output = provider.run(instance, spec).await?;
    if output.code == KILLED || (output.code != 0 && could_not_fork(&output.stderr)) {
        return Err(Error::Exhausted(format!("a command ended with {}", output.code)));
    }
    Ok(output)
}

/// The exit code of what SIGKILL has ended.
const KILLED: i32 = 137;

/// Whether a shell has said that there is nothing left to start a program with; bash, dash and busybox have words of
/// their own for it.
fn could_not_fork(said: &[u8]) -> bool {
    let why = ["temporarily unavailable", "allocate memory", "an't fork", "annot fork"];
    String::from_utf8_lossy(said)
        .lines()
        .any(|line| line.contains("fork") && why.iter().any(|why| line.contains(why)))
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
    run_through(provider, instance, &spec(&detached, SHORT_DEADLINE)).await.map(drop)
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

#[cfg(test)]
mod tests {
    use super::could_not_fork;

    #[test]
    fn shells_say_in_their_words_that_nothing_is_left() {
        for said in [
            "bash: fork: retry: Resource temporarily unavailable\n",
            "x.sh: line 3: fork: Cannot allocate memory\n",
            "first\nx.sh: 2: Cannot fork\n",
            "sh: can't fork: Resource temporarily unavailable\n",
        ] {
            assert!(could_not_fork(said.as_bytes()), "{said}");
        }
        for said in ["Use a fork.\n", "stress: Cannot allocate memory\n", ""] {
            assert!(!could_not_fork(said.as_bytes()), "{said}");
        }
    }
}
