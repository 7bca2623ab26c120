//! The service under measurement: the release binary, started as an operator would.

use std::{
    fs::OpenOptions,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
    time::{sleep, timeout},
};

use crate::{Outcome, http::Http, lxd::Lxd, phases::Bench};

/// How long the service may take to be open, also after a database full of rows.
const OPENING: Duration = Duration::from_secs(60);
/// How often is looked for what announces itself nowhere.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The token of an operator of each service, who may read statistics.
pub const OPERATOR: &str = "tryit_op_bench";
/// Its hash.
const OPERATOR_HASH: &str =
    "sha256:cec1c88c1b7bd1b76cad3790b28c9302ee29e4c2967b834603c45478105a2a3c";

/// How a service is to be.
pub struct Setup {
    /// What containers are made from.
    pub source: Source,
    /// Containers that wait for visitors.
    pub pool: u32,
    /// Sessions at once.
    pub max: u32,
    /// A database that is there already; an empty one by itself.
    pub database: Option<PathBuf>,
}

/// What containers are made from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// The small image.
    Shell,
    /// LXD within the container.
    Nested,
}

impl Default for Setup {
    fn default() -> Self {
        Self { source: Source::Shell, pool: 0, max: 1000, database: None }
    }
}

/// A running service; ends with this value.
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    /// The hash of its terms.
    pub terms: String,
    pid: u32,
    process: Child,
    database: PathBuf,
    lxd: Lxd,
    _directory: TempDir,
}

/// Rows of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Containers {
    warm: u32,
    other: u32,
}

impl Service {
    /// Starts a service and waits until it is open.
    pub async fn start(bench: &Bench, setup: &Setup) -> Outcome<Self> {
        let directory = tempfile::Builder::new().prefix("tryit-bench-").tempdir()?;
        let database = setup.database.clone().unwrap_or_else(|| directory.path().join("tryit.db"));
        let file = directory.path().join("tryit.toml");
        tutorial(&directory.path().join("tutorials/first"))?;
        std::fs::write(&file, configuration(bench.lxd.socket(), &database, setup))?;
        let mut process = Command::new(&bench.tryit)
            .args(["serve", "--config"])
            .arg(&file)
            .env("TRYIT_LOG__FORMAT", "json")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut log = BufReader::new(process.stderr.take().ok_or("no pipe")?).lines();
        let address = timeout(OPENING, listening(&mut log)).await??;
        tokio::spawn(keep(log, bench.log.clone()));
        let pid = process.id().ok_or("the service has ended")?;
        let mut service = Self {
            address,
            terms: String::new(),
            pid,
            process,
            database,
            lxd: bench.lxd.clone(),
            _directory: directory,
        };
        timeout(OPENING, service.open()).await.map_err(|_| "the service does not open")??;
        Ok(service)
    }

    async fn open(&mut self) -> Outcome<()> {
        let mut http = Http::tcp(self.address).await?;
        let (_, terms) = http.ask("GET", "/api/v1/terms", &[], None).await?;
        self.terms = terms["hash"].as_str().ok_or("no terms")?.to_owned();
        loop {
            let (_, status) = http.ask("GET", "/api/v1/status", &[], None).await?;
            if matches!(status["state"].as_str(), Some("open" | "full")) {
                return Ok(());
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until so many containers wait for visitors and nothing else is there or under way.
    pub async fn settled(&self, warm: u32, patience: Duration) -> Outcome<()> {
        let wanted = Containers { warm, other: 0 };
        let mut last = self.containers().await?;
        let settling = async {
            while last != wanted {
                sleep(LOOK_EVERY).await;
                last = self.containers().await?;
            }
            Ok(())
        };
        match timeout(patience, settling).await {
            Ok(settled) => settled,
            Err(_) => Err(format!("after {patience:?} there are {last:?}, not {warm} warm").into()),
        }
    }

    async fn containers(&self) -> Outcome<Containers> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(
            "select count(*) filter (where state = 'warm') as warm,
                    count(*) filter (where state <> 'warm') as other from instance",
        )
        .fetch_one(&mut reader)
        .await?;
        reader.close().await?;
        Ok(Containers { warm: row.try_get("warm")?, other: row.try_get("other")? })
    }

    async fn reader(&self) -> Outcome<SqliteConnection> {
        let options = SqliteConnectOptions::new().filename(&self.database).read_only(true);
        Ok(SqliteConnection::connect_with(&options).await?)
    }

    /// Kills it, and removes what it leaves behind: the containers of its pool.
    pub async fn stop(mut self) -> Outcome<()> {
        self.process.kill().await?;
        let mut reader = self.reader().await?;
        let rows = sqlx::query("select name from instance").fetch_all(&mut reader).await?;
        reader.close().await?;
        for row in rows {
            self.lxd.remove(row.try_get("name")?).await?;
        }
        Ok(())
    }
}

/// The address that the log names. A service that ends before it listens has said why.
async fn listening(log: &mut Lines<BufReader<ChildStderr>>) -> Outcome<SocketAddr> {
    let mut said = String::new();
    while let Some(line) = log.next_line().await? {
        let event: Value = serde_json::from_str(&line).unwrap_or_default();
        if event["message"] == "listening" {
            return Ok(event["address"].as_str().ok_or("no address")?.parse()?);
        }
        said.push_str(&line);
    }
    Err(format!("the service ended: {said}").into())
}

/// Keeps what the service logs, for whoever looks into a failure.
async fn keep(mut log: Lines<BufReader<ChildStderr>>, path: PathBuf) -> Outcome<()> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let mut file = tokio::fs::File::from_std(file);
    while let Some(line) = log.next_line().await? {
        file.write_all(format!("{line}\n").as_bytes()).await?;
    }
    Ok(())
}

fn configuration(socket: &Path, database: &Path, setup: &Setup) -> String {
    let source = match setup.source {
        Source::Shell => "[source.shell]\nimage = \"tryit-shell\"\n",
        Source::Nested => {
            "[source.lxd]\nimage = \"tryit-lxd\"\nnesting = true\nready = [\"lxd-ready\"]\n"
        }
    };
    let Setup { pool, max, .. } = setup;
    format!(
        r#"listen = "127.0.0.1:0"
trusted_networks = ["127.0.0.1"]
database = {database:?}
[server]
hosts = ["127.0.0.1"]
[lxd]
socket = {socket:?}
project = "default"
nested_project = "default"
{source}[pool]
size = {pool}
[session]
max = {max}
per_address = 1000
per_network = 1000
per_hour = 100000
[terminals]
max = 8
[tutorials]
directory = "tutorials"
[[operator]]
name = "bench"
hash = "{OPERATOR_HASH}"
scopes = ["statistics:read"]
"#
    )
}

/// The least tutorial.
fn tutorial(directory: &Path) -> Outcome<()> {
    std::fs::create_dir_all(directory)?;
    std::fs::write(
        directory.join("index.json"),
        r#"{"title": "First", "details": {"intro": {"text": "intro.md"}}}"#,
    )?;
    std::fs::write(directory.join("intro.md"), "Say `echo hello`{{exec}}.\n")?;
    Ok(())
}
