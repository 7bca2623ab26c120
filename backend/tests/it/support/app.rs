//! A service of a test's own: the production path, on a free port, with a database of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use provider::lxd::Lxd;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tryit::{
    cli::{
        app::{Application, Reload},
        config::Config,
    },
    reconciler::Orphans,
};

use super::{Visitor, http, lxd, turns::Turns, until};

/// A running service.
pub struct TestApp {
    pub address: SocketAddr,
    pub http: Client,
    /// The database and the tutorials; goes with the last service that uses it.
    pub directory: Arc<TempDir>,
    /// What hands it another configuration; none of a program.
    pub(super) reload: Option<Reload>,
    pub(super) stop: CancellationToken,
    pub(super) task: JoinHandle<Result<(), tryit::cli::Failure>>,
}

/// A configuration for tests: one small source, no limits that several tests at once could meet, and what `more` adds
/// or says instead. Tables of `more` come after those here.
pub fn config(more: &str) -> String {
    let keys: String = more
        .lines()
        .take_while(|line| !line.starts_with('['))
        .map(|line| format!("{line}\n"))
        .collect();
    let tables: String = more
        .lines()
        .skip_while(|line| !line.starts_with('['))
        .map(|line| format!("{line}\n"))
        .collect();
    let or = |table: &str, default: &str| {
        if tables.contains(table) { String::new() } else { default.to_owned() }
    };
    let listen = if keys.contains("listen") { "" } else { "listen = \"127.0.0.1:0\"\n" };
    let source =
        or("[source.", "[source.shell]\nimage = \"tryit-shell\"\nimage_ids = [\"shell\"]\n");
    let server = or("[server]", "[server]\nworkers = 2\n");
    let session = or(
        "[session]",
        "[session]\nper_address = 100\nper_network = 100\nper_hour = 1000\nmax = 100\n",
    );
    let pool = or("[pool]", "[pool]\nsize = 0\n");
    let lxd = or("[lxd]", &lxd_table(&lxd::socket()));
    format!(
        "{listen}{keys}database = \"tryit.db\"\n{server}{lxd}{pool}{session}{source}{tables}{}",
        or("[tutorials]", "[tutorials]\ndirectory = \"tutorials\"\n")
    )
}

/// `[lxd]` of a configuration.
pub fn lxd_table(socket: &str) -> String {
    format!("[lxd]\nsocket = {socket:?}\nproject = \"default\"\nnested_project = \"default\"\n")
}

impl TestApp {
    /// Starts a service with [`config`]`(more)` and a tutorial.
    pub async fn start(more: &str) -> Self {
        Self::start_in(new_directory(), more).await
    }

    /// Starts a service that listens on more than one address, and is asked at this one.
    pub async fn start_listening(more: &str, at: &str) -> Self {
        Self::run(new_directory(), more, Orphans::Stop, Some(at)).await
    }

    /// Starts a service on the database and the tutorials of another one.
    pub async fn start_in(directory: Arc<TempDir>, more: &str) -> Self {
        Self::try_start_in(directory, more, Orphans::Stop).await
    }

    /// The same, with a choice for orphans.
    pub async fn try_start_in(directory: Arc<TempDir>, more: &str, orphans: Orphans) -> Self {
        Self::run(directory, more, orphans, None).await
    }

    async fn run(directory: Arc<TempDir>, more: &str, orphans: Orphans, at: Option<&str>) -> Self {
        let file = directory.path().join("tryit.toml");
        let config = read(file, more);
        let lxd = Lxd::new(&config.lxd()).expect("an LXD");
        let application =
            Application::build(&config, Arc::new(Turns(lxd)), orphans).await.expect("a service");
        let reload = Some(application.reload());
        let (mut address, stop) = (application.address(), CancellationToken::new());
        if let Some(at) = at {
            address.set_ip(at.parse().expect("an address"));
        }
        let task = tokio::spawn(application.run_until_stopped(stop.clone()));
        let http = http().build().expect("a client");
        let app = Self { address, http, directory, reload, stop, task };
        app.wait_until_open().await;
        app
    }

    /// Gives it another configuration while it runs.
    pub async fn reload(&self, more: &str) {
        let reload = self.reload.as_ref().expect("a service in this process");
        let config = read(self.path("tryit.toml"), more);
        reload.hand_out(&config).await.expect("a database that is written");
    }

    pub(super) async fn wait_until_open(&self) {
        until("the service is open", || async {
            if self.task.is_finished() {
                return Some(());
            }
            let status = self.request(Method::GET, "/status").send().await.ok()?;
            let status: Value = status.json().await.ok()?;
            (status["state"] == "open" || status["state"] == "full").then_some(())
        })
        .await;
    }

    /// `/status` once its `state` is this.
    pub async fn wait_for(&self, state: &str) -> Value {
        until(&format!("the service is {state}"), || async {
            let status = self.get("/status").await;
            (status["state"] == state).then_some(status)
        })
        .await
    }

    /// Stops it as SIGTERM would; its result.
    pub async fn stop(self) -> (Arc<TempDir>, Result<(), tryit::cli::Failure>) {
        self.stop.cancel();
        let result = self.task.await.expect("the service did not panic");
        (self.directory.clone(), result)
    }

    /// The result of a service that ends by itself.
    pub async fn ended(self) -> Result<(), tryit::cli::Failure> {
        self.task.await.expect("the service did not panic")
    }

    /// A request below the API's prefix.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}/api/v1{path}", self.address))
    }

    /// Status and JSON of an answer.
    pub async fn ask(&self, request: RequestBuilder) -> (StatusCode, Value) {
        let response = request.send().await.expect("an answer");
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// `GET`, expecting 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(self.request(Method::GET, path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The hash of the terms.
    pub async fn terms(&self) -> String {
        self.get("/terms").await["hash"].as_str().expect("a hash").to_owned()
    }

    /// What a start is answered.
    pub async fn try_start(&self, body: Value) -> (StatusCode, Value) {
        self.ask(self.request(Method::POST, "/sessions").json(&body)).await
    }

    /// A visitor with a session of the default tutorial.
    pub async fn visitor(&self) -> Visitor<'_> {
        let (status, body) = self.try_start(json!({"terms_hash": self.terms().await})).await;
        assert_eq!(status, 201, "{body}");
        Visitor::new(self, &body)
    }

    /// A visitor whose session runs.
    pub async fn running_visitor(&self) -> Visitor<'_> {
        let visitor = self.visitor().await;
        visitor.wait_for("running").await;
        visitor
    }

    /// Where its files are.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn read(file: PathBuf, more: &str) -> Config {
    Config::read(Some((file, config(more))), []).expect("a right configuration")
}

/// Reads a configuration that no service is started with.
pub fn read_config(text: &str) -> Config {
    Config::read(Some(("tryit.toml".into(), text.to_owned())), []).expect("a right configuration")
}

/// A directory for a service, with a tutorial.
pub fn new_directory() -> Arc<TempDir> {
    new_directory_in(&std::env::temp_dir())
}

/// The same below another directory than the usual one.
pub fn new_directory_in(parent: &Path) -> Arc<TempDir> {
    let directory = TempDir::new_in(parent).expect("a temporary directory");
    write_tutorial(directory.path().join("tutorials/first"));
    Arc::new(directory)
}

/// The least tutorial.
fn write_tutorial(directory: PathBuf) {
    write(
        directory.join("index.json"),
        r#"{"title": "First", "details": {"intro": {"text": "intro.md"}}, "backend": {"imageid": "shell"}}"#,
    );
    write(directory.join("intro.md"), "Say `echo hello`{{exec}}.\n");
}

/// Writes a file of a tutorial.
pub fn write(path: PathBuf, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    std::fs::write(path, text).expect("a file");
}
