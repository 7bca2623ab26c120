//! Commands without a terminal, run to their end.

use bytes::{Bytes, BytesMut};
use domain::InstanceRef;
use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::{
    api::Api,
    exec::{connect, exit_code_of},
    socket::{Buffers, Socket},
};
use crate::{CALL_DEADLINE, Error, Output, Result, RunSpec};

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
    let operation = api.begin(Method::POST, api.instance(instance, ["exec"]), &body).await?;
    let project = &instance.project;
    let (stdin, stdout, stderr, control) = tokio::try_join!(
        connect(api, project, &operation, "0", Buffers::Control),
        connect(api, project, &operation, "1", Buffers::Data),
        connect(api, project, &operation, "2", Buffers::Data),
        connect(api, project, &operation, "control", Buffers::Control),
    )?;
    // There is no input.
    let _ = stdin.send(Message::text("")).await;

    let to_the_end = async {
        let (stdout, stderr) = tokio::try_join!(
            collect(&stdout, spec.max_output),
            collect(&stderr, spec.max_output),
        )?;
        stdin.close().await;
        let over = api.finish(&operation, project, CALL_DEADLINE).await?;
        let code = exit_code_of(&over)
            .ok_or_else(|| Error::Protocol("exec without an exit code".to_owned()))?;
        Ok(Output { code, stdout, stderr })
    };
    // The control socket is read for its pings alone.
    let pings = async {
        while let Ok(Some(_)) = control.receive().await {}
        std::future::pending().await
    };
    let result = timeout(spec.deadline, async {
        tokio::select! {
            result = to_the_end => result,
            never = pings => never,
        }
    });
    result.await.unwrap_or_else(|_| Err(Error::Deadline(spec.deadline)))
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
