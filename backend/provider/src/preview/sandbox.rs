//! One sandbox: namespaces of its own, kept by a first process for as long as the service holds on to it.

use std::{process::Stdio, sync::Arc};

use domain::InstanceName;
use rustix::{
    fd::OwnedFd,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::tools::{self, Tools};
use crate::{CALL_DEADLINE, Error, Result};

/// Makes the small system that a sandbox is.
const INIT: &str = include_str!("init.sh");

/// A sandbox that runs. Dropping it ends it, with everything in it.
pub(super) struct Sandbox {
    tools: Tools,
    /// Its first process, as the machine numbers it.
    pid: i32,
    /// The same, as a handle that never means another process.
    first: OwnedFd,
    ended: CancellationToken,
    /// The first process stays until this is closed, so that no sandbox outlives the service.
    _input: ChildStdin,
    _errors: BufReader<ChildStderr>,
}

/// What bubblewrap tells of a sandbox.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Info {
    child_pid: i32,
}

impl Sandbox {
    /// Makes a sandbox and waits until it is ready. `on_end` is called once it has ended, by whatever hand.
    pub async fn start(
        tools: &Tools,
        name: &InstanceName,
        on_end: impl FnOnce() + Send + 'static,
    ) -> Result<Arc<Self>> {
        let mut command = tools::command(&tools.bwrap);
        shape(&mut command, name);
        command.args(["--", "/bin/sh", "-c", INIT]);
        // Ctrl-C at the terminal that the service was started from is not for it.
        command.process_group(0);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().map_err(|error| failed(&error))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Error::Protocol("the sandbox has no pipes".to_owned()));
        };
        let started = timeout(CALL_DEADLINE, ready(output, errors)).await;
        let (pid, errors) = started.map_err(|_| Error::Deadline(CALL_DEADLINE))??;
        let handle = Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty()));
        let first = match handle {
            Some(Ok(first)) => first,
            Some(Err(error)) => return Err(failed(&error)),
            None => {
                return Err(Error::Protocol(format!(
                    "bubblewrap says that the sandbox is process {pid}"
                )));
            }
        };
        let ended = CancellationToken::new();
        tokio::spawn(watch(child, ended.clone(), on_end));
        Ok(Arc::new(Self {
            tools: tools.clone(),
            pid,
            first,
            ended,
            _input: input,
            _errors: errors,
        }))
    }

    /// Whether it still runs.
    pub fn runs(&self) -> bool {
        !self.ended.is_cancelled()
    }

    /// A command that runs inside. It shares files and processes with all others, and has no more power than the
    /// sandbox's first process.
    pub fn enter(&self, inner: &[String]) -> Command {
        let mut command = tools::command(&self.tools.nsenter);
        self.entrance(&mut command);
        command.args(inner);
        command
    }

    /// The same in a session of its own on this machine, whose leader is the command that waits outside.
    pub fn enter_alone(&self, inner: &[String]) -> Command {
        let mut command = tools::command(&self.tools.setsid);
        command.arg(&self.tools.nsenter);
        self.entrance(&mut command);
        command.args(inner);
        command
    }

    fn entrance(&self, command: &mut Command) {
        command.arg(format!("--target={}", self.pid));
        // The sandbox's root is this user, so that there is nothing to change.
        command.args([
            "--user",
            "--preserve-credentials",
            "--mount",
            "--pid",
            "--ipc",
            "--uts",
            "--net",
            "--",
        ]);
        // Who enters a user namespace has all capabilities in it, enough to undo the mounts that protect /proc.
        command.args([
            "/usr/bin/setpriv",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
        ]);
        // nsenter waits outside; when it is killed, the command goes with it.
        command.args(["--pdeathsig=KILL", "--"]);
    }

    /// Ends it, and waits until nothing of it is left.
    pub async fn end(&self) -> Result<()> {
        self.kill();
        timeout(CALL_DEADLINE, self.ended.cancelled())
            .await
            .map_err(|_| Error::Deadline(CALL_DEADLINE))
    }

    /// The kernel kills everything in a sandbox with its first process.
    fn kill(&self) {
        // It may be gone already, which is what is wanted.
        let _gone = pidfd_send_signal(&self.first, Signal::KILL);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}

/// bubblewrap ends after everything in the sandbox has.
async fn watch(mut child: Child, ended: CancellationToken, on_end: impl FnOnce()) {
    let _code = child.wait().await;
    ended.cancel();
    on_end();
}

/// What the sandbox sees: this machine's programs, read-only, and a small system of its own around them.
fn shape(command: &mut Command, name: &InstanceName) {
    command.args([
        "--unshare-all",
        "--new-session",
        "--uid",
        "0",
        "--gid",
        "0",
        "--hostname",
        name.as_str(),
    ]);
    command.args(["--clearenv", "--setenv", "PATH", super::PATH]);
    command.args(["--ro-bind", "/usr", "/usr"]);
    for directory in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
        match std::fs::read_link(directory) {
            Ok(target) => command.arg("--symlink").arg(target).arg(directory),
            Err(_) => command.args(["--ro-bind-try", directory, directory]),
        };
    }
    command.args(["--proc", "/proc", "--dev", "/dev"]);
    for directory in ["/tmp", "/var/tmp"] {
        command.args(["--perms", "1777", "--tmpfs", directory]);
    }
    for directory in
        ["/etc", "/home", "/mnt", "/opt", "/root", "/run", "/srv", "/var/lib", "/var/log"]
    {
        command.args(["--dir", directory]);
    }
    // What programs in /usr need of /etc and hold no secret.
    for file in ["/etc/alternatives", "/etc/ld.so.cache", "/etc/os-release", "/etc/terminfo"] {
        command.args(["--ro-bind-try", file, file]);
    }
    command.args(["--chdir", "/root", "--info-fd", "1"]);
}

/// Reads which process the sandbox is, and waits until it says that it is ready.
async fn ready(
    mut output: ChildStdout,
    errors: ChildStderr,
) -> Result<(i32, BufReader<ChildStderr>)> {
    let mut info = Vec::new();
    output.read_to_end(&mut info).await.map_err(|error| failed(&error))?;
    let mut errors = BufReader::new(errors);
    let mut said = String::new();
    loop {
        let mut line = String::new();
        let count = errors.read_line(&mut line).await.map_err(|error| failed(&error))?;
        if line == "ready\n" {
            break;
        }
        if count == 0 {
            return Err(refused(said.trim()));
        }
        said.push_str(&line);
    }
    let info: Info =
        serde_json::from_slice(&info).map_err(|error| Error::Protocol(error.to_string()))?;
    Ok((info.child_pid, errors))
}

/// What bubblewrap said, with what usually helps.
fn refused(said: &str) -> Error {
    let namespaces = ["uid map", "namespace", "Operation not permitted", "loopback"];
    let remedy = match namespaces.iter().any(|hint| said.contains(hint)) {
        true => {
            "; this machine keeps ordinary users from making namespaces. Allow it with `sysctl \
             kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu) or `sysctl \
             kernel.unprivileged_userns_clone=1` (older Debian)"
        }
        false => "",
    };
    Error::Refused(format!("bubblewrap made no sandbox: {said}{remedy}"))
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::Exhausted(format!("a sandbox's process can't be started: {error}"))
}
