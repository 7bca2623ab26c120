//! Operators: their tables in the configuration, and what they ask.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Socket, TestApp};

/// All scopes that there are.
pub const SCOPES: &[&str] = &[
    "feedback:read",
    "statistics:read",
    "sessions:read",
    "sessions:write",
    "sessions:watch",
    "bans:write",
    "maintenance:write",
    "metrics:read",
];

/// Somebody whose token is `tryit_op_NAME`.
#[derive(Clone, Copy)]
pub struct Operator<'a> {
    pub app: &'a TestApp,
    pub name: &'a str,
}

/// The `[[operator]]` table of `name`, with further keys.
pub fn table(name: &str, scopes: &[&str], more: &str) -> String {
    let hash: String =
        Sha256::digest(token(name)).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "[[operator]]\nname = {name:?}\nhash = \"sha256:{hash}\"\nscopes = {scopes:?}\n{more}\n"
    )
}

/// The table of somebody who may do everything.
pub fn ann() -> String {
    table("ann", SCOPES, "")
}

/// The token of `name`.
pub fn token(name: &str) -> String {
    format!("tryit_op_{name}")
}

impl<'a> Operator<'a> {
    /// Who may do everything.
    pub fn ann(app: &'a TestApp) -> Self {
        Self { app, name: "ann" }
    }

    /// A request below the operators' prefix.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, &format!("/operator{path}")).bearer_auth(token(self.name))
    }

    /// Status and JSON of an answer.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let (status, body) = self.app.ask(request).await;
        (status.as_u16(), body)
    }

    /// `GET`, expecting 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Closes or opens the service.
    pub async fn put_maintenance(&self, body: Value) -> Value {
        let (status, body) = self.ask(Method::PUT, "/maintenance", Some(body)).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Bans a network.
    pub async fn ban(&self, network: &str) -> Value {
        let (status, ban) =
            self.ask(Method::POST, "/bans", Some(json!({"network": network}))).await;
        assert_eq!(status, 201, "{ban}");
        ban
    }

    /// Action, subject and detail of what the audit has, the oldest first; each by this operator.
    pub async fn audit(&self) -> Vec<[String; 3]> {
        let page = self.get("/audit?limit=500").await;
        let row = |row: &Value| {
            assert_eq!(row["actor"], self.name);
            ["action", "subject", "detail"]
                .map(|key| row[key].as_str().unwrap_or_default().to_owned())
        };
        page["items"].as_array().expect("rows").iter().rev().map(row).collect()
    }

    /// A terminal of somebody's session.
    pub async fn watch(&self, session: &str, n: &str) -> Socket {
        let path = format!("/api/v1/operator/sessions/{session}/terminals/{n}");
        let protocols = format!("tryit.v1, bearer.{}", token(self.name));
        Socket::open(self.app.address, &path, &[("sec-websocket-protocol", &protocols)])
            .await
            .expect("a websocket")
    }
}
