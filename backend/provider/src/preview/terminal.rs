//! An interactive command in a sandbox, on a terminal of its own.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus, sync::Arc};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use pty_process::{OwnedReadPty, OwnedWritePty};
use rustix::{
    fd::{AsFd, OwnedFd},
    termios::{Winsize, tcsetwinsize},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Child,
    sync::oneshot,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    command::words,
    sandbox::{Sandbox, failed},
};
use crate::{Error, Exec, ExecControl, ExecReader, ExecSpec, ExecWriter, Result};

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// What a reading end says when nobody has the other end open any more.
const EIO: i32 = rustix::io::Errno::IO.raw_os_error();

/// Opens the command.
pub(super) fn open(sandbox: &Sandbox, spec: &ExecSpec) -> Result<Exec> {
    let (pty, pts) = pty_process::open().map_err(|error| failed(&error))?;
    let control = pty.as_fd().try_clone_to_owned().map_err(|error| failed(&error))?;
    set_size(&control, spec.cols, spec.rows)?;

    // The session leader is inside, so that job control sees processes that it can name.
    let mut inner = ["/usr/bin/setsid", "--ctty"].map(str::to_owned).to_vec();
    inner.extend(words(&spec.environment, spec.cwd.as_deref(), &spec.command));
    let mut command = sandbox.enter(&inner);
    // Ctrl-C at the terminal that the service was started from is not for it.
    command.process_group(0);
    let end = || pts.as_fd().try_clone_to_owned().map_err(|error| failed(&error));
    command.stdin(end()?).stdout(end()?).stderr(end()?);
    let child = command.spawn().map_err(|error| failed(&error))?;

    let hang_up = CancellationToken::new();
    let (exited, exit) = oneshot::channel();
    tokio::spawn(wait(child, hang_up.clone(), exited));
    let held = Arc::new(hang_up.clone().drop_guard());
    let (reader, writer) = pty.into_split();
    Ok(Exec {
        reader: Box::new(Reader { pty: reader, buffer: BytesMut::new(), _held: held.clone() }),
        writer: Box::new(Writer { pty: writer, _held: held.clone() }),
        control: Box::new(Control { pty: control, hang_up, _held: held.clone() }),
        exit: async move {
            let status = exit.await.ok();
            drop(held);
            status.and_then(code)
        }
        .boxed(),
    })
}

/// Waits for the command's end; kills it when it is hung up or all its halves are gone.
async fn wait(mut child: Child, hang_up: CancellationToken, exited: oneshot::Sender<ExitStatus>) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = hang_up.cancelled() => {
            // It may just have ended by itself.
            let _gone = child.start_kill();
            child.wait().await
        }
    };
    if let Ok(status) = status {
        // Nobody may care any more.
        let _ = exited.send(status);
    }
}

/// The exit code; 128 and the signal's number for a command that a signal ended, as shells say it.
pub(super) fn code(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal))
}

fn set_size(pty: &OwnedFd, cols: u16, rows: u16) -> Result<()> {
    let size = Winsize { ws_col: cols, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(pty, size)
        .map_err(|error| Error::Unreachable(format!("the terminal is gone: {error}")))
}

struct Reader {
    pty: OwnedReadPty,
    buffer: BytesMut,
    _held: Arc<DropGuard>,
}

#[async_trait]
impl ExecReader for Reader {
    async fn read(&mut self) -> Result<Option<Bytes>> {
        self.buffer.reserve(CHUNK);
        match self.pty.read_buf(&mut self.buffer).await {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(self.buffer.split().freeze())),
            Err(error) if error.raw_os_error() == Some(EIO) => Ok(None),
            Err(error) => Err(Error::Unreachable(format!("the terminal can't be read: {error}"))),
        }
    }
}

struct Writer {
    pty: OwnedWritePty,
    _held: Arc<DropGuard>,
}

#[async_trait]
impl ExecWriter for Writer {
    async fn write(&mut self, input: Bytes) -> Result<()> {
        self.pty.write_all(&input).await.map_err(|error| match error.raw_os_error() {
            Some(EIO) => Error::NotRunning("the command has ended".to_owned()),
            _ => Error::Unreachable(format!("the terminal can't be written: {error}")),
        })
    }
}

struct Control {
    pty: OwnedFd,
    hang_up: CancellationToken,
    _held: Arc<DropGuard>,
}

#[async_trait]
impl ExecControl for Control {
    async fn resize(&mut self, cols: u16, rows: u16) -> Result<()> {
        set_size(&self.pty, cols, rows)
    }

    async fn hang_up(&mut self) -> Result<()> {
        self.hang_up.cancel();
        Ok(())
    }
}
