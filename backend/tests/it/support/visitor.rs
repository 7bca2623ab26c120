//! A visitor: the holder of one session's token.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::{Socket, TestApp, lxd, until};

/// The holder of one session's token.
pub struct Visitor<'a> {
    pub app: &'a TestApp,
    pub id: String,
    pub token: String,
}

impl<'a> Visitor<'a> {
    /// From the answer to a start.
    pub fn new(app: &'a TestApp, started: &Value) -> Self {
        let text = |key: &str| started[key].as_str().expect("a text").to_owned();
        Self { app, id: text("id"), token: text("token") }
    }

    /// A request about the session; `path` begins after its id.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, &format!("/sessions/{}{path}", self.id)).bearer_auth(&self.token)
    }

    /// Status and JSON of an answer about the session.
    pub async fn ask(&self, method: Method, path: &str) -> (StatusCode, Value) {
        self.app.ask(self.request(method, path)).await
    }

    /// The session view.
    pub async fn view(&self) -> Value {
        let (status, view) = self.ask(Method::GET, "").await;
        assert_eq!(status, 200, "{view}");
        view
    }

    /// The view once the session is in `state`.
    pub async fn wait_for(&self, state: &str) -> Value {
        until(&format!("the session is {state}"), || async {
            let view = self.view().await;
            assert!(view["state"] != "ended" || state == "ended", "the session ended: {view}");
            (view["state"] == state).then_some(view)
        })
        .await
    }

    /// The container's name.
    pub async fn container(&self) -> String {
        self.view().await["name"].as_str().expect("a name").to_owned()
    }

    /// Ends the session.
    pub async fn end(&self) {
        let (status, _) = self.ask(Method::DELETE, "").await;
        assert_eq!(status, 204);
    }

    /// Ends the session and waits until its container is gone.
    pub async fn leave(&self) {
        let name = self.container().await;
        self.end().await;
        lxd::gone(&name).await;
    }

    /// Terminal 1, 80 × 24, from the start of its buffer.
    pub async fn terminal(&self) -> Socket {
        self.socket("1?cols=80&rows=24").await
    }

    /// A terminal as `query` (`n?cols=&rows=…`) says.
    pub async fn socket(&self, query: &str) -> Socket {
        let path = format!("/api/v1/sessions/{}/terminals/{query}", self.id);
        let protocols = format!("tryit.v1, bearer.{}", self.token);
        Socket::open(self.app.address, &path, &[("sec-websocket-protocol", &protocols)])
            .await
            .expect("a websocket")
    }
}
