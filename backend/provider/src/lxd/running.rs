//! The operation behind a command that runs: its sockets, its exit code, and why it broke off.

use std::time::Duration;

use domain::{InstanceRef, Project};
use reqwest::Method;
use serde_json::Value;

use super::{
    api::Api,
    socket::{Buffers, Socket},
    wire::Operation,
};
use crate::{Error, Result};

/// How long the server may take to say why a command broke off.
const WHY: Duration = Duration::from_secs(1);

/// An exec operation.
pub(super) struct Running {
    api: Api,
    project: Project,
    operation: Operation,
}

impl Running {
    /// Asks for a command as `body` describes it. It starts once all its sockets are connected; the server waits for
    /// them for about 5 s.
    pub async fn begin(api: &Api, instance: &InstanceRef, body: &Value) -> Result<Self> {
        let operation = api.begin(Method::POST, api.instance(instance, ["exec"]), body).await?;
        Ok(Self { api: api.clone(), project: instance.project.clone(), operation })
    }

    /// Connects the socket `name`: `0`, `1`, `2` or `control`.
    pub async fn connect(&self, name: &str, buffers: Buffers) -> Result<Socket> {
        let secret = self
            .operation
            .metadata
            .pointer("/fds")
            .and_then(|fds| fds.get(name))
            .and_then(Value::as_str);
        let secret =
            secret.ok_or_else(|| Error::Protocol(format!("exec without a {name} socket")))?;
        let mut url =
            self.api.url(Some(&self.project), ["operations", &self.operation.id, "websocket"]);
        url.query_pairs_mut().append_pair("secret", secret);
        self.api.socket(&url, buffers).await
    }

    /// The exit code, once the command has ended and its sockets are closed.
    pub async fn exit_code(&self, deadline: Duration) -> Result<i32> {
        let over = self.api.finish(&self.operation, &self.project, deadline).await?;
        let code = over
            .metadata
            .get("return")
            .and_then(Value::as_i64)
            .and_then(|code| code.try_into().ok());
        code.ok_or_else(|| Error::Protocol("exec without an exit code".to_owned()))
    }

    /// Why a socket broke: what the operation failed of, if the server is still there to say so.
    pub async fn why(&self, broken: Error) -> Error {
        match self.api.finish(&self.operation, &self.project, WHY).await {
            Err(error) if !error.is_outage() => error,
            _ => broken,
        }
    }
}
