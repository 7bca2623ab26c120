//! Interactive commands: a terminal's bytes on one websocket, its size on another.
//!
//! Closing the control socket ends the command. The data socket must be open until the server has said that the output
//! has ended: closed earlier, the server can be left watching a file descriptor that is another file by then, and keeps
//! the operation for ever. So a task of its own keeps both, and closes them in this order once nobody uses the command
//! any more.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use domain::InstanceRef;
use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    api::Api,
    running::Running,
    socket::{Buffers, Socket},
};
use crate::{Error, Exec, ExecControl, ExecReader, ExecSpec, ExecWriter, Result};

/// What a terminal is said to be unless the environment says otherwise.
const TERMINAL: &str = "xterm-256color";
/// Larger pastes go in several frames.
const FRAME: usize = 32 * 1024;
/// The server's frames of 4 KiB, where several are here already, are handed over in pieces of about this size.
const MERGED: usize = 64 * 1024;
/// How long the exit code may take once the output has ended.
const EXIT: Duration = Duration::from_secs(5);
/// How long a command that is ended may go on with its output.
const DRAIN: Duration = Duration::from_secs(10);

/// Opens an interactive command.
pub(super) async fn open(api: &Api, instance: &InstanceRef, spec: &ExecSpec) -> Result<Exec> {
    let mut environment = spec.environment.clone();
    environment.entry("TERM".to_owned()).or_insert_with(|| TERMINAL.to_owned());
    let body = json!({
        "command": spec.command,
        "environment": environment,
        "user": spec.user.unwrap_or(0),
        "group": spec.group.unwrap_or(0),
        "cwd": spec.cwd.as_deref().unwrap_or_default(),
        "width": spec.cols,
        "height": spec.rows,
        "interactive": true,
        "wait-for-websocket": true,
    });
    let operation = Running::begin(api, instance, &body).await?;
    let (data, control) = tokio::try_join!(
        operation.connect("0", Buffers::Data),
        operation.connect("control", Buffers::Control)
    )?;

    let data = Arc::new(data);
    let (requests, receiver) = mpsc::channel(1);
    let (ended, end) = watch::channel(End::NotYet);
    tokio::spawn(keep(control, Arc::clone(&data), receiver, end.clone()));
    let command = Arc::new(Command { data, requests, operation });
    Ok(Exec {
        exit: Box::pin(exit_code(Arc::clone(&command), end.clone())),
        reader: Box::new(Reader { command: Arc::clone(&command), ended, any: false }),
        writer: Box::new(Writer { command: Arc::clone(&command), end }),
        control: Box::new(Control { command }),
    })
}

/// What all halves share; the command ends when the last of them is dropped.
struct Command {
    data: Arc<Socket>,
    requests: mpsc::Sender<Request>,
    operation: Running,
}

impl Command {
    /// Why the command could not be run. That looks like a lost connection or, as often, like the end of a command
    /// without output; one that had some was run.
    async fn failure(&self, was_run: bool) -> Option<Error> {
        if was_run {
            return None;
        }
        self.data.close().await;
        self.operation.exit_code(EXIT).await.err().filter(|error| !error.is_outage())
    }
}

/// Something for the control socket.
enum Request {
    Send(String, oneshot::Sender<Result<()>>),
    HangUp(oneshot::Sender<()>),
}

/// Whether there is more output to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    NotYet,
    /// All output was delivered.
    Whole,
    /// The connection broke, or nobody reads any more.
    Lost,
}

/// Keeps the control socket: answers its pings, sends what the halves ask for, closes it when it is time. Then sees the
/// output to its end if nobody else does.
async fn keep(
    control: Socket,
    data: Arc<Socket>,
    mut requests: mpsc::Receiver<Request>,
    end: watch::Receiver<End>,
) {
    let farewell = loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(Request::Send(text, done)) => {
                    let _ = done.send(control.send(Message::text(text)).await);
                }
                Some(Request::HangUp(done)) => break Some(done),
                None => break None,
            },
            message = control.receive() => if !matches!(message, Ok(Some(_))) {
                // The command has ended, or the server is gone.
                break None;
            },
        }
    };
    control.close().await;
    drop(control);
    if let Some(done) = farewell {
        let _ = done.send(());
    }
    // A request is answered by being dropped: there is nobody to send it to.
    while requests.recv().await.is_some() {}
    if *end.borrow() != End::Whole {
        let _ = timeout(DRAIN, async { while let Ok(true) = skip(&data).await {} }).await;
    }
}

/// Takes a message of output; false when it was the end.
async fn skip(data: &Socket) -> Result<bool> {
    Ok(data.receive().await?.is_some_and(|message| !is_end(&message)))
}

/// An empty text frame is the end of the output.
fn is_end(message: &Message) -> bool {
    matches!(message, Message::Text(text) if text.is_empty())
}

/// The exit code. The server tells it once the data socket is closed, and forgets it within seconds.
async fn exit_code(command: Arc<Command>, mut end: watch::Receiver<End>) -> Option<i32> {
    if *end.wait_for(|end| *end != End::NotYet).await.ok()? == End::Lost {
        return None;
    }
    command.data.close().await;
    let code = command.operation.exit_code(EXIT).await;
    code.inspect_err(|error| tracing::debug!(%error, "no exit code")).ok()
}

struct Reader {
    command: Arc<Command>,
    ended: watch::Sender<End>,
    /// Whether there was any output.
    any: bool,
}

impl Reader {
    /// The output in what was received. An end is noted before anything else is awaited: reading may be cancelled, and
    /// a broken socket says later that it has ended well.
    fn output(&self, received: Result<Option<Message>>) -> Option<Bytes> {
        let end = match received {
            Ok(Some(Message::Binary(bytes))) => {
                return Some(bytes).filter(|bytes| !bytes.is_empty());
            }
            Ok(Some(message)) if !is_end(&message) => return None,
            Ok(_) => End::Whole,
            Err(error) => {
                tracing::debug!(%error, "the connection to a command broke");
                End::Lost
            }
        };
        self.ended.send_replace(end);
        None
    }

    /// Output with what has come after it meanwhile.
    fn merged(&self, first: Bytes) -> Bytes {
        let mut merged = BytesMut::new();
        while first.len().max(merged.len()) < MERGED && *self.ended.borrow() == End::NotYet {
            let Some(received) = self.command.data.receive_now() else { break };
            if let Some(more) = self.output(received) {
                if merged.is_empty() {
                    merged.reserve(MERGED + first.len());
                    merged.extend_from_slice(&first);
                }
                merged.extend_from_slice(&more);
            }
        }
        if merged.is_empty() { first } else { merged.freeze() }
    }
}

#[async_trait]
impl ExecReader for Reader {
    async fn read(&mut self) -> Result<Option<Bytes>> {
        while *self.ended.borrow() == End::NotYet {
            let received = self.command.data.receive().await;
            if let Some(bytes) = self.output(received) {
                self.any = true;
                // Nothing is awaited from here on: reading may be cancelled.
                return Ok(Some(self.merged(bytes)));
            }
        }
        let is_whole = *self.ended.borrow() == End::Whole;
        match self.command.failure(is_whole && self.any).await {
            Some(error) => Err(error),
            None if is_whole => Ok(None),
            None => Err(Error::Unreachable("the connection to the command broke".to_owned())),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.ended.send_if_modified(|end| {
            *end == End::NotYet && {
                *end = End::Lost;
                true
            }
        });
    }
}

struct Writer {
    command: Arc<Command>,
    end: watch::Receiver<End>,
}

#[async_trait]
impl ExecWriter for Writer {
    async fn write(&mut self, mut input: Bytes) -> Result<()> {
        while !input.is_empty() {
            // Never a text frame: it would block the server's end.
            let frame = Message::Binary(input.split_to(input.len().min(FRAME)));
            tokio::select! {
                biased;
                // Nobody takes it any more.
                _ = self.end.wait_for(|end| *end != End::NotYet) => return Err(ended()),
                sent = self.command.data.send(frame) => sent?,
            }
        }
        Ok(())
    }
}

struct Control {
    command: Arc<Command>,
}

#[async_trait]
impl ExecControl for Control {
    async fn resize(&mut self, cols: u16, rows: u16) -> Result<()> {
        let args = json!({"width": cols.to_string(), "height": rows.to_string()});
        let text = json!({"command": "window-resize", "args": args}).to_string();
        let (done, sent) = oneshot::channel();
        self.command.requests.send(Request::Send(text, done)).await.map_err(|_| ended())?;
        sent.await.map_err(|_| ended())?
    }

    async fn hang_up(&mut self) -> Result<()> {
        let (done, closed) = oneshot::channel();
        // Where nobody listens any more, the command has ended already.
        if self.command.requests.send(Request::HangUp(done)).await.is_ok() {
            let _ = closed.await;
        }
        Ok(())
    }
}

fn ended() -> Error {
    Error::NotRunning("the command has ended".to_owned())
}
