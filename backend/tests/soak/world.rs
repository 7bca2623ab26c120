//! What all take part in: the service, LXD, the ledger, and the faults that were found.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::sync::Mutex as AsyncMutex;
use tokio_util::sync::CancellationToken;

use crate::{
    ledger::Ledger,
    outcome::{Outcome, Trouble, wrong},
    service::Service,
    support::{app::lxd_table, http, until},
};

/// Sessions at once.
pub const MAX: u64 = 4;
/// Visitors that may wait.
pub const QUEUE_MAX: u64 = 3;
/// Sessions of one address at once.
pub const PER_ADDRESS: usize = 1;
/// How long an answer may take: longer than the longest thing that a handler waits for.
const ANSWER: Duration = Duration::from_secs(60);

/// Clones are the same world.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    service: AsyncMutex<Service>,
    host: String,
    log: PathBuf,
    lxd: String,
    http: Client,
    ledger: Mutex<Ledger>,
    faults: Mutex<Vec<String>>,
    closing: CancellationToken,
}

impl World {
    /// A service on the LXD behind `socket`, open for visitors.
    pub async fn start(socket: String) -> Self {
        let more = format!(
            "trusted_networks = [\"127.0.0.0/8\"]\n{}\
             [session]\nmax = {MAX}\nper_address = {PER_ADDRESS}\nper_network = 100\nper_hour = 100000\n\
             duration = \"40s\"\nextend_minutes = 1\n\
             [pool]\nsize = 1\n[queue]\nmax = {QUEUE_MAX}\nclaim_seconds = 10\n",
            lxd_table(&socket),
        );
        let mut service = Service::new(&more);
        service.start();
        let world = Self(Arc::new(Inner {
            host: service.host.clone(),
            log: service.log(),
            service: AsyncMutex::new(service),
            lxd: socket,
            http: http().timeout(ANSWER).build().expect("a client"),
            ledger: Mutex::default(),
            faults: Mutex::default(),
            closing: CancellationToken::new(),
        }));
        until("the service is open", || async {
            let (_, status) = world.ask(world.request(Method::GET, "/status")).await.ok()?;
            (status["state"] == "open").then_some(())
        })
        .await;
        world
    }

    /// The service, held by whoever does something to it.
    pub async fn service(&self) -> tokio::sync::MutexGuard<'_, Service> {
        self.0.service.lock().await
    }

    /// Host and port of the service.
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// LXD's socket.
    pub fn lxd(&self) -> &str {
        &self.0.lxd
    }

    /// The service's log.
    pub fn log_path(&self) -> &PathBuf {
        &self.0.log
    }

    /// Removes the log of a run in which nothing was wrong.
    pub fn forget_log(&self) {
        // What stays in a temporary directory does no harm.
        let _ = std::fs::remove_file(&self.0.log);
    }

    /// What was promised to whom.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what must not happen. The first one ends the run.
    pub fn fault(&self, what: String) {
        println!("soak: WRONG: {what}");
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        self.0.closing.cancel();
    }

    /// What must not have happened.
    pub fn faults(&self) -> Vec<String> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Nobody new comes; who is there leaves.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    /// Whether everybody is to leave.
    pub fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// Waits, but not longer than until everybody is to leave; true when there was time for all of it.
    pub async fn pause(&self, time: Duration) -> bool {
        tokio::time::timeout(time, self.0.closing.cancelled()).await.is_err()
    }

    /// A request below the API's prefix.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.0.http.request(method, format!("http://{}/api/v1{path}", self.0.host))
    }

    /// Status and JSON of an answer. Nobody there, or a connection that breaks: away. No answer in time: wrong.
    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Outcome<(StatusCode, Value)> {
        let lost = |error: reqwest::Error| match error.is_timeout() {
            true => Trouble::Wrong(format!("no answer within {ANSWER:?}: {error}")),
            false => Trouble::Away(error.to_string()),
        };
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let text = response.text().await.map_err(lost)?;
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            return wrong(format!("an internal error: {text}"));
        }
        // A process that stood still takes what came meanwhile for slow, and asks for it once more.
        if status == StatusCode::REQUEST_TIMEOUT {
            return Err(Trouble::Away(status.to_string()));
        }
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }
}
