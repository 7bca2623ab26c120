//! The API, call by call. Each call has a deadline and ends in a value or a [`Failure`].

use gloo_net::http::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::feedback::Feedback;
use shared::session::{
    CheckResponse, Link, LinkRequest, Links, ProgressRequest, SessionView, StartRequest,
    StartResponse,
};
use shared::status::{Status, Terms};
use shared::tutorial::{CallToAction, Tutorial, TutorialPage, TutorialSummary};
use shared::{API, ErrorBody, ErrorCode, ErrorEnvelope};
use web_sys::AbortSignal;

use super::address;
use crate::logic::words::{self, Words};

/// How long an answer may take.
const DEADLINE_MS: u32 = 15_000;
/// The same where scripts run in the container first.
const SCRIPT_DEADLINE_MS: u32 = 90_000;

/// Why a call gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The service refused, and says why and when to try again, in seconds.
    Refused(Box<ErrorBody>, Option<u64>),
    /// No answer came.
    Offline,
    /// An answer came that makes no sense.
    Unreadable,
}

impl Failure {
    /// The words for it.
    pub fn words(&self) -> Words {
        match self {
            Failure::Refused(error, _) => words::error(error.code),
            Failure::Offline => words::OFFLINE,
            Failure::Unreadable => words::UNREADABLE,
        }
    }

    /// The service's own words, where it refused.
    pub fn message(&self) -> Option<String> {
        match self {
            Failure::Refused(error, _) => Some(error.message.clone()),
            Failure::Offline | Failure::Unreadable => None,
        }
    }

    /// The code, where the service refused.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Failure::Refused(error, _) => Some(error.code),
            Failure::Offline | Failure::Unreadable => None,
        }
    }
}

/// A value or why there is none.
pub type Answer<T> = Result<T, Failure>;

/// The key to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The session's id.
    pub id: String,
    /// Its token.
    pub token: String,
}

/// Starts a request to the API with the session's token.
pub(super) fn request(
    method: Method,
    path: &str,
    key: Option<&Key>,
    signal: &AbortSignal,
) -> RequestBuilder {
    let request =
        RequestBuilder::new(&format!("{API}{path}")).method(method).abort_signal(Some(signal));
    match key {
        Some(key) => request.header("Authorization", &format!("Bearer {}", key.token)),
        None => request,
    }
}

/// The body of a request as JSON.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

async fn send(
    method: Method,
    path: &str,
    key: Option<&Key>,
    body: Option<String>,
    deadline: u32,
) -> Answer<String> {
    let request = request(method, path, key, &AbortSignal::timeout_with_u32(deadline));
    finish(request, body).await
}

async fn finish(request: RequestBuilder, body: Option<String>) -> Answer<String> {
    let request = match body {
        Some(body) => request.header("Content-Type", "application/json").body(body),
        None => request.build(),
    };
    let response =
        request.map_err(|_| Failure::Offline)?.send().await.map_err(|_| Failure::Offline)?;
    read(response).await
}

/// The body of a success, or the reason of a refusal.
pub(super) async fn read(response: Response) -> Answer<String> {
    let retry_after = response.headers().get("retry-after").and_then(|after| after.parse().ok());
    let text = response.text().await.map_err(|_| Failure::Offline)?;
    if response.ok() {
        return Ok(text);
    }
    match serde_json::from_str::<ErrorEnvelope>(&text) {
        Ok(envelope) => Err(Failure::Refused(Box::new(envelope.error), retry_after)),
        // A proxy in between answers for a service that is not there, or one that stood still takes us for slow.
        Err(_) if response.status() >= 500 || response.status() == 408 => Err(Failure::Offline),
        Err(_) => Err(Failure::Unreadable),
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Answer<T> {
    serde_json::from_str(text).map_err(|_| Failure::Unreadable)
}

fn with_language(path: &str) -> String {
    match address::language() {
        Some(language) => format!("{path}?lang={language}"),
        None => path.to_owned(),
    }
}

/// Whether a start would run now.
pub async fn status() -> Answer<Status> {
    parse(&send(Method::GET, "/status", None, None, DEADLINE_MS).await?)
}

/// What a visitor accepts by starting.
pub async fn terms() -> Answer<Terms> {
    parse(&send(Method::GET, &with_language("/terms"), None, None, DEADLINE_MS).await?)
}

/// Every tutorial.
pub async fn tutorials() -> Answer<Vec<TutorialSummary>> {
    /// Every tutorial is on the first page.
    #[derive(Deserialize)]
    struct List {
        items: Vec<TutorialSummary>,
    }
    let text = send(Method::GET, "/tutorials", None, None, DEADLINE_MS).await?;
    parse::<List>(&text).map(|list| list.items)
}

/// One tutorial.
pub async fn tutorial(slug: &str) -> Answer<Tutorial> {
    let path = with_language(&format!("/tutorials/{slug}"));
    let text = send(Method::GET, &path, None, None, DEADLINE_MS).await?;
    // The summary's keys lie beside these. (Reading twice is much less program than reading flattened types.)
    let rest: TutorialRest = parse(&text)?;
    Ok(Tutorial {
        summary: parse(&text)?,
        lang: rest.lang,
        pages: rest.pages,
        call_to_action: rest.call_to_action,
    })
}

/// A tutorial's keys beyond its summary.
#[derive(Deserialize)]
struct TutorialRest {
    lang: String,
    pages: Vec<TutorialPage>,
    call_to_action: Option<CallToAction>,
}

/// A started session's key beyond its view.
#[derive(Deserialize)]
struct Token {
    token: String,
}

/// Starts a session. The same `idempotency` gives the same session, however often it is sent.
pub async fn start(start: &StartRequest, idempotency: &str) -> Answer<StartResponse> {
    let signal = AbortSignal::timeout_with_u32(DEADLINE_MS);
    let request =
        request(Method::POST, "/sessions", None, &signal).header("Idempotency-Key", idempotency);
    let text = finish(request, Some(json(start))).await?;
    Ok(StartResponse { session: view(&text)?, token: parse::<Token>(&text)?.token })
}

pub(super) fn view(text: &str) -> Answer<SessionView> {
    parse(text)
}

impl Key {
    fn path(&self, rest: &str) -> String {
        format!("/sessions/{}{rest}", self.id)
    }

    async fn call(&self, method: Method, rest: &str, body: Option<String>) -> Answer<String> {
        send(method, &self.path(rest), Some(self), body, DEADLINE_MS).await
    }

    /// The session.
    pub async fn view(&self) -> Answer<SessionView> {
        view(&self.call(Method::GET, "", None).await?)
    }

    /// Takes the place that the queue offers.
    pub async fn claim(&self) -> Answer<SessionView> {
        view(&self.call(Method::POST, "/claim", None).await?)
    }

    /// Asks for more time.
    pub async fn extend(&self) -> Answer<SessionView> {
        view(&self.call(Method::POST, "/extend", None).await?)
    }

    /// Asks for a fresh container.
    pub async fn reset(&self) -> Answer<SessionView> {
        view(&self.call(Method::POST, "/reset", None).await?)
    }

    /// The sessions that it is linked with.
    pub async fn links(&self) -> Answer<Vec<Link>> {
        let text = self.call(Method::GET, "", None).await?;
        parse::<Links>(&text).map(|view| view.links)
    }

    /// Lets it and another session of this browser reach each other; all that it is linked with then.
    pub async fn link(&self, other: &Key) -> Answer<Vec<Link>> {
        let link = LinkRequest { other: other.id.clone(), other_token: other.token.clone() };
        let text = self.call(Method::POST, "/links", Some(json(&link))).await?;
        parse::<Links>(&text).map(|view| view.links)
    }

    /// Ends the session.
    pub async fn end(&self) -> Answer<()> {
        self.call(Method::DELETE, "", None).await.map(drop)
    }

    /// Says where the visitor is.
    pub async fn progress(&self, progress: &ProgressRequest) -> Answer<()> {
        self.call(Method::PUT, "/progress", Some(json(progress))).await.map(drop)
    }

    /// Enters a page: its scripts run, once.
    pub async fn enter(&self, page: &str) -> Answer<()> {
        self.script(&format!("/steps/{page}/enter")).await.map(drop)
    }

    /// Checks a step.
    pub async fn check(&self, page: &str) -> Answer<CheckResponse> {
        parse(&self.script(&format!("/steps/{page}/check")).await?)
    }

    /// Lets the service do a step.
    pub async fn solve(&self, page: &str) -> Answer<()> {
        self.script(&format!("/steps/{page}/solve")).await.map(drop)
    }

    async fn script(&self, rest: &str) -> Answer<String> {
        send(Method::POST, &self.path(rest), Some(self), None, SCRIPT_DEADLINE_MS).await
    }

    /// Leaves feedback.
    pub async fn leave_feedback(&self, feedback: &Feedback) -> Answer<()> {
        self.call(Method::PUT, "/feedback", Some(json(feedback))).await.map(drop)
    }

    /// The feedback that was left before.
    pub async fn feedback(&self) -> Answer<Feedback> {
        parse(&self.call(Method::GET, "/feedback", None).await?)
    }
}
