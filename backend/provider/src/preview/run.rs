//! A command in a sandbox that is run to its end, without a terminal.

use std::{process::Stdio, time::Duration};

use bytes::{Bytes, BytesMut};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{
    command::words,
    sandbox::{Sandbox, failed},
};
use crate::{Error, Output, Result, RunSpec};

/// How long the output of processes that a command left behind is read on.
const AFTER_THE_END: Duration = Duration::from_millis(100);

/// Runs the command. Past the deadline, or when the caller goes away, it is killed with what it started.
pub(super) async fn run(sandbox: &Sandbox, spec: &RunSpec, input: Bytes) -> Result<Output> {
    let inner = words(&spec.environment, spec.cwd.as_deref(), &spec.command);
    // A session of its own: else the sandbox could write to the terminal that the service was started from.
    let mut command = sandbox.enter_alone(&inner);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::Protocol("the command has no pipes".to_owned()));
    };
    let group = Group(child.id());
    let (mut out, mut err) =
        (Capture::new(stdout, spec.max_output), Capture::new(stderr, spec.max_output));
    let pipes = async {
        let feed = async move {
            // A command need not read what it is given.
            let _unread = stdin.write_all(&input).await;
        };
        tokio::join!(feed, out.read(), err.read());
        std::future::pending().await
    };
    let ended = async {
        tokio::select! {
            status = child.wait() => status,
            never = pipes => never,
        }
    };
    let status = timeout(spec.deadline, ended).await.map_err(|_| Error::Deadline(spec.deadline))?;
    group.leave();
    let code = super::terminal::code(status.map_err(|error| failed(&error))?);
    // All its output is in the pipes now. What it left behind may hold them open for good.
    let _open = timeout(AFTER_THE_END, async { tokio::join!(out.read(), err.read()) }).await;
    Ok(Output {
        code: code.ok_or_else(|| Error::Protocol("the command has no exit code".to_owned()))?,
        stdout: out.kept.freeze(),
        stderr: err.kept.freeze(),
    })
}

/// The processes of a command. Dropped, it kills them, unless the command has ended.
struct Group(Option<u32>);

impl Group {
    /// The command has ended: what it left behind in the background goes on, as on any machine.
    fn leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let leader = self.0.and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(leader) = leader {
            // They may have ended this very moment.
            let _gone = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Reads an output to its end and keeps its beginning.
struct Capture<R> {
    pipe: R,
    kept: BytesMut,
    max: usize,
}

impl<R: AsyncRead + Unpin> Capture<R> {
    fn new(pipe: R, max: usize) -> Self {
        Self { pipe, kept: BytesMut::new(), max }
    }

    /// Cancel-safe: what was read is kept.
    async fn read(&mut self) {
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = self.pipe.read(&mut chunk).await {
            let room = self.max - self.kept.len();
            self.kept.extend_from_slice(&chunk[..count.min(room)]);
        }
    }
}
