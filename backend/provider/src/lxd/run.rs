//! Commands without a terminal, run to their end.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use domain::InstanceRef;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::{
    api::Api,
    running::Running,
    socket::{Buffers, Socket},
};
use crate::{CALL_DEADLINE, Error, Output, Result, RunSpec};

const SIGKILL: i32 = 9;
/// How long the outputs may go on after the command has ended: what the server still has to send.
const LEFT_BEHIND: Duration = Duration::from_secs(3);

/// Runs a command; one that takes too long is killed.
pub(super) async fn run(api: &Api, instance: &InstanceRef, spec: &RunSpec) -> Result<Output> {
    let body = json!({
        "command": spec.command,
        "environment": spec.environment,
        "user": spec.user.unwrap_or(0),
        "group": spec.group.unwrap_or(0),
        "cwd": spec.cwd.as_deref().unwrap_or_default(),
        "interactive": false,
        "wait-for-websocket": true,
    });
    let operation = Running::begin(api, instance, &body).await?;
    let (stdout, stderr, control) = tokio::try_join!(
        operation.connect("1", Buffers::Data),
        operation.connect("2", Buffers::Data),
        operation.connect("control", Buffers::Control),
    )?;
    // Last, since the server does not wait for the control socket: a quick command could have ended without it.
    let stdin = operation.connect("0", Buffers::Control).await?;
    // There is no input.
    let _ = stdin.send(Message::text("")).await;

    let to_the_end = async {
        let outputs =
            tokio::try_join!(collect(&stdout, spec.max_output), collect(&stderr, spec.max_output));
        let (stdout, stderr) = match outputs {
            Ok(outputs) => outputs,
            Err(broken) => return Err(operation.why(broken).await),
        };
        stdin.close().await;
        Ok(Output { code: operation.exit_code(CALL_DEADLINE).await?, stdout, stderr })
    };
    let left_behind = async {
        // The server closes it when the command has ended; its outputs end with it unless something holds them.
        while let Ok(Some(_)) = control.receive().await {}
        tokio::time::sleep(LEFT_BEHIND).await;
        Err(Error::LeftRunning)
    };
    let in_time = timeout(spec.deadline, async {
        tokio::select! {
            result = to_the_end => result,
            error = left_behind => error,
        }
    });
    match in_time.await {
        Ok(result) => result,
        Err(_) => {
            let kill = json!({"command": "signal", "signal": SIGKILL}).to_string();
            // A failure means that there is nothing left to kill.
            let _ = control.send(Message::text(kill)).await;
            control.close().await;
            Err(Error::Deadline(spec.deadline))
        }
    }
}

/// All that a stream brings, of which the first `max` bytes are kept.
async fn collect(stream: &Socket, max: usize) -> Result<Bytes> {
    let mut kept = BytesMut::new();
    loop {
        match stream.receive().await? {
            Some(Message::Binary(bytes)) => {
                let room = max - kept.len();
                kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            None | Some(Message::Text(_)) => return Ok(kept.freeze()),
            Some(_) => {}
        }
    }
}
