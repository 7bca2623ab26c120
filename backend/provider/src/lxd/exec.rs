//! Interactive commands: a terminal's bytes on one websocket, its size on another.
//!
//! Closing the control socket ends the command; closing the data socket alone leaves it running. So a task of its own
//! keeps both, and closes them in this order once nobody uses the command any more.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{InstanceRef, Project};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::Message;

use super::{
    api::Api,
    socket::{Buffers, Socket},
    wire::Operation,
};
use crate::{Error, Exec, ExecControl, ExecReader, ExecSpec, ExecWriter, Result};

/// What a terminal is said to be unless the environment says otherwise.
const TERMINAL: &str = "xterm-256color";
/// Larger pastes go in several frames.
const FRAME: usize = 32 * 1024;
/// How long the exit code may take once the output has ended.
const EXIT: Duration = Duration::from_secs(5);

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
    let operation = api.begin(Method::POST, api.instance(instance, ["exec"]), &body).await?;
    let project = &instance.project;
    let (data, control) = tokio::try_join!(
        connect(api, project, &operation, "0", Buffers::Data),
        connect(api, project, &operation, "control", Buffers::Control),
    )?;

    let data = Arc::new(data);
    let (requests, receiver) = mpsc::channel(1);
    tokio::spawn(keep(control, Arc::clone(&data), receiver));
    let (ended, end) = watch::channel(End::NotYet);
    let command = Arc::new(Command { data, requests });
    Ok(Exec {
        exit: Box::pin(exit_code(
            api.clone(),
            project.clone(),
            operation,
            Arc::clone(&command),
            end.clone(),
        )),
        reader: Box::new(Reader { command: Arc::clone(&command), ended }),
        writer: Box::new(Writer { command: Arc::clone(&command), end }),
        control: Box::new(Control { command }),
    })
}

/// Connects one of the websockets that an exec operation offers; the server waits for them for about 5 s.
pub(super) async fn connect(
    api: &Api,
    project: &Project,
    operation: &Operation,
    name: &str,
    buffers: Buffers,
) -> Result<Socket> {
    let secret =
        operation.metadata.pointer("/fds").and_then(|fds| fds.get(name)).and_then(Value::as_str);
    let secret = secret.ok_or_else(|| Error::Protocol(format!("exec without a {name} socket")))?;
    let mut url = api.url(Some(project), ["operations", &operation.id, "websocket"]);
    url.query_pairs_mut().append_pair("secret", secret);
    api.socket(&url, buffers).await
}

/// What all halves share; the command ends when the last of them is dropped.
struct Command {
    data: Arc<Socket>,
    requests: mpsc::Sender<Request>,
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

/// Keeps the control socket: answers its pings, sends what the halves ask for, closes it when it is time.
async fn keep(control: Socket, data: Arc<Socket>, mut requests: mpsc::Receiver<Request>) {
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
    drop(data);
}

/// The exit code. The server tells it once the data socket is closed, and forgets it within seconds.
async fn exit_code(
    api: Api,
    project: Project,
    operation: Operation,
    command: Arc<Command>,
    mut end: watch::Receiver<End>,
) -> Option<i32> {
    if *end.wait_for(|end| *end != End::NotYet).await.ok()? == End::Lost {
        return None;
    }
    command.data.close().await;
    let over = api.finish(&operation, &project, EXIT).await;
    exit_code_of(&over.inspect_err(|error| tracing::debug!(%error, "no exit code")).ok()?)
}

/// The exit code in a finished exec operation.
pub(super) fn exit_code_of(operation: &Operation) -> Option<i32> {
    operation.metadata.get("return")?.as_i64()?.try_into().ok()
}

struct Reader {
    command: Arc<Command>,
    ended: watch::Sender<End>,
}

#[async_trait]
impl ExecReader for Reader {
    async fn read(&mut self) -> Result<Option<Bytes>> {
        if *self.ended.borrow() == End::Whole {
            return Ok(None);
        }
        loop {
            match self.command.data.receive().await {
                Ok(Some(Message::Binary(bytes))) if !bytes.is_empty() => return Ok(Some(bytes)),
                Ok(Some(Message::Text(text))) if !text.is_empty() => return Ok(Some(text.into())),
                // An empty text frame is the end of the output.
                Ok(None | Some(Message::Text(_))) => {
                    self.ended.send_replace(End::Whole);
                    return Ok(None);
                }
                Ok(Some(_)) => {}
                Err(error) => {
                    self.ended.send_replace(End::Lost);
                    return Err(error);
                }
            }
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
                sent = self.command.data.send(frame) => sent?,
                // Nobody takes it any more.
                _ = self.end.wait_for(|end| *end != End::NotYet) => return Err(ended()),
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
