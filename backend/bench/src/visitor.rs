//! A visitor with an open connection, as a browser that shows the page has one.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::{Value, json};

use crate::{Outcome, http::Http, service::Service, terminal::Terminal};

/// Somebody who looks at the page.
pub struct Guest {
    http: Http,
    service: SocketAddr,
    terms: String,
    /// The address that the proxy in front would name.
    client: String,
}

/// The holder of a session.
pub struct Visitor {
    guest: Guest,
    id: String,
    token: String,
    /// Whether the session waits in the queue.
    pub queued: bool,
}

/// What became of a start.
pub enum Start {
    /// A session, perhaps in the queue.
    Session(Visitor),
    /// A refusal, with its code.
    Refused(String, Guest),
}

/// An address of a network that nobody had before.
fn next_client() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("10.{}.{}.1", (n >> 8) & 0xff, n & 0xff)
}

impl Guest {
    /// Comes to the page.
    pub async fn arrive(service: &Service) -> Outcome<Self> {
        Ok(Self {
            http: Http::tcp(service.address).await?,
            service: service.address,
            terms: service.terms.clone(),
            client: next_client(),
        })
    }

    /// Clicks.
    pub async fn try_start(mut self) -> Outcome<Start> {
        let body = json!({"terms_hash": self.terms});
        let headers = [("x-forwarded-for", self.client.as_str())];
        let (status, answer) =
            self.http.ask("POST", "/api/v1/sessions", &headers, Some(&body)).await?;
        if status != 201 {
            let code = answer["error"]["code"].as_str().unwrap_or("no code").to_owned();
            return Ok(Start::Refused(code, self));
        }
        let text = |key: &str| answer[key].as_str().map(str::to_owned).ok_or("a key is missing");
        let (id, token) = (text("id")?, text("token")?);
        Ok(Start::Session(Visitor { guest: self, id, token, queued: answer["state"] == "queued" }))
    }

    /// Clicks, and gets a session.
    pub async fn start(self) -> Outcome<Visitor> {
        match self.try_start().await? {
            Start::Session(visitor) => Ok(visitor),
            Start::Refused(code, _) => Err(format!("the start was refused: {code}").into()),
        }
    }

    /// Comes again as somebody else, on the same connection.
    pub fn again(self) -> Self {
        Self { client: next_client(), ..self }
    }

    /// Sessions that have a place, as the page shows them.
    pub async fn active(&mut self) -> Outcome<u64> {
        let (_, status) = self.http.ask("GET", "/api/v1/status", &[], None).await?;
        Ok(status["sessions"]["active"].as_u64().ok_or("a status without sessions")?)
    }
}

impl Visitor {
    /// Opens a terminal; while the session starts, it comes when there is one.
    pub async fn terminal(&self, n: u8) -> Outcome<Terminal> {
        let Guest { service, client, .. } = &self.guest;
        Terminal::of_session(*service, client, (&self.id, &self.token), n).await
    }

    /// The container's name.
    pub async fn container(&mut self) -> Outcome<String> {
        let view = self.ask("GET").await?;
        Ok(view["name"].as_str().ok_or("a session without a container")?.to_owned())
    }

    /// Ends the session.
    pub async fn end(mut self) -> Outcome<Guest> {
        self.ask("DELETE").await?;
        Ok(self.guest)
    }

    async fn ask(&mut self, method: &str) -> Outcome<Value> {
        let path = format!("/api/v1/sessions/{}", self.id);
        let bearer = format!("Bearer {}", self.token);
        let headers =
            [("x-forwarded-for", self.guest.client.as_str()), ("authorization", bearer.as_str())];
        let (status, answer) = self.guest.http.ask(method, &path, &headers, None).await?;
        if status >= 400 {
            return Err(format!("{method} of a session: {answer}").into());
        }
        Ok(answer)
    }
}
