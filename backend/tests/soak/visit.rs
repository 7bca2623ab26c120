//! One session as its visitor holds it: what is asked, and what an answer may be.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    outcome::{Outcome, Trouble, wrong},
    world::World,
};

/// Nothing that a visitor waits for may take longer, whatever is killed meanwhile.
const LONGEST: Duration = Duration::from_secs(240);

/// The holder of a session.
pub struct Visit {
    pub world: World,
    pub id: String,
    pub token: String,
    pub address: String,
    pub host: String,
    /// When its time is up, as last seen: RFC 3339, which sorts.
    pub expires_at: Option<String>,
    /// Whether a browser was attached.
    pub attached: bool,
    /// When it was first seen running.
    pub running_since: Option<Instant>,
}

impl Visit {
    /// Status and JSON of an answer about the session; asked again while the service is away.
    pub async fn ask(&mut self, method: Method, path: &str) -> Outcome<(StatusCode, Value)> {
        let deadline = Instant::now() + LONGEST;
        loop {
            let request =
                self.world.request(method.clone(), &format!("/sessions/{}{path}", self.id));
            let request = request.bearer_auth(&self.token).header("x-forwarded-for", &self.address);
            match self.world.ask(request).await {
                Err(Trouble::Away(why)) if Instant::now() > deadline => {
                    return wrong(format!("the service stays away: {why}"));
                }
                Err(Trouble::Away(_)) => tokio::time::sleep(Duration::from_millis(200)).await,
                Ok((StatusCode::UNAUTHORIZED, _)) => {
                    return wrong(format!("the session {} is lost", self.id));
                }
                other => return other,
            }
        }
    }

    /// The view, noted in the ledger.
    pub async fn view(&mut self) -> Outcome<Value> {
        let (status, view) = self.ask(Method::GET, "").await?;
        if status != StatusCode::OK {
            return wrong(format!("the view of {} was answered {status}: {view}", self.id));
        }
        if let Some((id, token)) = self.note(&view) {
            let other = self.world.request(Method::GET, &format!("/sessions/{id}"));
            // While the service is away nobody is given anything.
            if let Ok((_, other)) = self.world.ask(other.bearer_auth(token)).await
                && other["state"] != "ended"
                && other["name"] == view["name"]
            {
                return wrong(format!("{} was given to {id} and to {}", view["name"], self.id));
            }
        }
        Ok(view)
    }

    /// Waits until the session runs. A place that the queue offers is taken, or let go when `lets_go`.
    pub async fn until_running(&mut self, lets_go: bool) -> Outcome<Value> {
        let mut deadline = Instant::now() + LONGEST;
        loop {
            let view = self.view().await?;
            match view["state"].as_str().unwrap_or_default() {
                "running" => {
                    self.running_since.get_or_insert_with(Instant::now);
                    return Ok(view);
                }
                "ended" => return Err(Trouble::Ended),
                "offered" if !lets_go => {
                    let (status, answer) = self.ask(Method::POST, "/claim").await?;
                    let refused = matches!(
                        answer.pointer("/error/code").and_then(Value::as_str),
                        Some("wrong_state" | "session_ended" | "unavailable" | "maintenance")
                    );
                    if status != StatusCode::OK && !refused {
                        return wrong(format!("a claim was answered {status}: {answer}"));
                    }
                }
                // Others' sessions end in their own time.
                "queued" => deadline = Instant::now() + LONGEST,
                _ => {}
            }
            if Instant::now() > deadline {
                return wrong(format!("it does not begin to run: {view}"));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Notes what a view says. The session that was shown the same container and may still live.
    fn note(&mut self, view: &Value) -> Option<(String, String)> {
        self.expires_at = view["expires_at"].as_str().map(str::to_owned).or(self.expires_at.take());
        let mut ledger = self.world.ledger();
        if view["state"] == "ended" {
            ledger.ended(&self.id, view);
            return None;
        }
        ledger.container(view["name"].as_str()?, &self.id)
    }
}
