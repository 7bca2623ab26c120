//! The baseline: a client of LXD's REST API that does nothing but the calls.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::Mutex,
};

use crate::{
    Outcome,
    http::Http,
    terminal::{Stream, Terminal},
};

/// An LXD behind a unix socket. Clones are the same.
#[derive(Clone, Debug)]
pub struct Lxd {
    socket: PathBuf,
    /// A relay in front of it, for commands.
    relay: Option<SocketAddr>,
    /// Of two creates at once LXD can give both the same ids, or ids that are not its own, and then nothing starts any
    /// more.
    creating: Arc<Mutex<()>>,
}

/// What a container is made of, but for its name.
#[derive(Clone, Debug)]
pub struct Shape(Value);

impl Lxd {
    /// The LXD at this socket.
    pub fn at(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), relay: None, creating: Arc::default() }
    }

    /// The same LXD, its commands' websockets through a relay.
    pub fn through(&self, relay: SocketAddr) -> Self {
        Self { relay: Some(relay), ..self.clone() }
    }

    /// Its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What the server says of itself.
    pub async fn server(&self) -> Outcome<Value> {
        self.ask("GET", "/1.0", None).await
    }

    /// What a container was made of, to make others like it.
    pub async fn shape(&self, name: &str) -> Outcome<Shape> {
        let mut found = self.ask("GET", &format!("/1.0/instances/{name}"), None).await?;
        let config = found["config"].as_object().ok_or("an instance without configuration")?;
        let image = config.get("volatile.base_image").cloned().unwrap_or_default();
        let of_its_own = |key: &str| key.starts_with("security.") || key.starts_with("limits.");
        let config: Value = config
            .iter()
            .filter(|(key, _)| of_its_own(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        Ok(Shape(json!({
            "type": "container",
            "config": config,
            "devices": found["devices"].take(),
            "profiles": found["profiles"].take(),
            "source": {"type": "image", "fingerprint": image},
        })))
    }

    /// Creates and starts a container, each operation awaited; one create at a time.
    pub async fn launch(&self, name: &str, shape: &Shape) -> Outcome<()> {
        let mut body = shape.0.clone();
        body["name"] = name.into();
        let turn = self.creating.lock().await;
        self.operation("POST", "/1.0/instances", &body).await?;
        drop(turn);
        let start = json!({"action": "start", "timeout": -1});
        self.operation("PUT", &format!("/1.0/instances/{name}/state"), &start).await
    }

    /// Stops and deletes a container.
    pub async fn remove(&self, name: &str) -> Outcome<()> {
        let stop = json!({"action": "stop", "force": true, "timeout": -1});
        // One that never started is no obstacle; what else goes wrong here shows in the deletion.
        let _ = self.operation("PUT", &format!("/1.0/instances/{name}/state"), &stop).await;
        self.operation("DELETE", &format!("/1.0/instances/{name}"), &json!({})).await
    }

    /// Opens a command on a terminal: both websockets connected.
    pub async fn exec(&self, name: &str, command: &[&str]) -> Outcome<Terminal> {
        let body = json!({
            "command": command,
            "environment": {"TERM": "xterm-256color", "HOME": "/root", "USER": "root"},
            "cwd": "/root",
            "width": 80,
            "height": 24,
            "interactive": true,
            "wait-for-websocket": true,
        });
        let begun = self.ask("POST", &format!("/1.0/instances/{name}/exec"), Some(&body)).await?;
        let id = begun["id"].as_str().ok_or("an operation without id")?;
        let url = |socket: &str| -> Outcome<String> {
            let secret = begun["metadata"]["fds"][socket].as_str().ok_or("no secret")?;
            Ok(format!("ws://lxd/1.0/operations/{id}/websocket?secret={secret}"))
        };
        let (data, control) = (url("0")?, url("control")?);
        let (data, control) = tokio::try_join!(self.websocket(&data), self.websocket(&control))?;
        Terminal::direct(data, control).await
    }

    async fn websocket(&self, url: &str) -> Outcome<crate::terminal::Socket> {
        let stream: Stream = match self.relay {
            None => Box::new(UnixStream::connect(&self.socket).await?),
            Some(relay) => {
                let stream = TcpStream::connect(relay).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        };
        Ok(tokio_tungstenite::client_async(url, stream).await?.0)
    }

    /// Begins an operation and awaits its end.
    async fn operation(&self, method: &str, path: &str, body: &Value) -> Outcome<()> {
        let begun = self.ask(method, path, Some(body)).await?;
        let id = begun["id"].as_str().ok_or("an operation without id")?;
        let ended = self.ask("GET", &format!("/1.0/operations/{id}/wait"), None).await?;
        match ended["status_code"].as_u64() {
            Some(200) => Ok(()),
            _ => Err(format!("{method} {path}: {}", ended["err"]).into()),
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let mut http = Http::unix(&self.socket).await?;
        let (status, mut answer) = http.ask(method, path, &[], body).await?;
        if status >= 400 {
            return Err(format!("{method} {path}: {}", answer["error"]).into());
        }
        Ok(answer["metadata"].take())
    }
}
