//! The real program, started as an operator would and killed as a machine would.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};
use tokio_util::sync::CancellationToken;
use tryit::cli::Failure;

use super::{TestApp, config, http, until};

/// A running `tryit serve`.
pub struct Program {
    /// What it serves.
    pub app: TestApp,
    pid: u32,
    log: Log,
}

/// What it has logged since it listens.
type Log = Arc<Mutex<Vec<Value>>>;

impl TestApp {
    /// Starts `tryit serve` on the database and the tutorials of another service. What [`stop`](Self::stop) does to
    /// this one is `kill -9`.
    pub async fn start_program_in(directory: Arc<TempDir>, more: &str) -> Self {
        Program::start_in(directory, more).await.app
    }
}

impl Program {
    /// Starts `tryit serve` with [`config`]`(more)`.
    pub async fn start_in(directory: Arc<TempDir>, more: &str) -> Self {
        let file = directory.path().join("tryit.toml");
        std::fs::write(&file, config(more)).expect("a configuration");
        let mut program = Command::new(env!("CARGO_BIN_EXE_tryit"))
            .args(["serve", "--config"])
            .arg(&file)
            .env("TRYIT_LOG__FORMAT", "json")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let pid = program.id().expect("a process");
        let mut lines = BufReader::new(program.stderr.take().expect("a pipe")).lines();
        let address = listening(&mut lines).await.parse().expect("an address");
        let (stop, log) = (CancellationToken::new(), Log::default());
        let task = tokio::spawn(run(program, lines, log.clone(), stop.clone()));
        let http = http().build().expect("a client");
        let app = TestApp { address, http, directory, reload: None, stop, task };
        app.wait_until_open().await;
        Self { app, pid, log }
    }

    /// Sends it a signal, like `HUP`.
    pub fn signal(&self, signal: &str) {
        let pid = self.pid.to_string();
        let sent = std::process::Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("kill").success(), "{signal} could not be sent to {pid}");
    }

    /// Waits until it has logged an event that is as asked for.
    pub async fn logs(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        until(&format!("the log has {what}"), || async {
            self.log.lock().expect("a log").iter().find(|event| is_it(event)).cloned()
        })
        .await
    }

    /// What it has logged of this kind until now.
    pub fn logged(&self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        self.log.lock().expect("a log").iter().filter(|event| is_it(event)).cloned().collect()
    }

    /// Replaces its configuration as most editors do: another file takes the name.
    pub fn replace_config(&self, more: &str) {
        let new = self.app.path("tryit.toml.new");
        std::fs::write(&new, config(more)).expect("a configuration");
        std::fs::rename(new, self.app.path("tryit.toml")).expect("a configuration");
    }
}

/// The address that the log names. A program that ends before it listens has said why.
async fn listening(log: &mut Lines<BufReader<ChildStderr>>) -> String {
    let mut said = String::new();
    while let Some(line) = log.next_line().await.expect("a log") {
        let event: Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(address) = event["address"].as_str().filter(|_| event["message"] == "listening")
        {
            return address.to_owned();
        }
        said += &format!("{line}\n");
    }
    panic!("the program ended: {said}");
}

/// Waits until the program ends or is to be killed. What it logs meanwhile is also for whoever reads a failed test.
async fn run(
    mut program: Child,
    mut lines: Lines<BufReader<ChildStderr>>,
    log: Log,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let logging = async {
        while let Ok(Some(line)) = lines.next_line().await {
            println!("{line}");
            log.lock().expect("a log").push(serde_json::from_str(&line).unwrap_or_default());
        }
    };
    tokio::select! {
        () = stop.cancelled() => program.kill().await.expect("a program to kill"),
        () = logging => {
            let status = program.wait().await.expect("a program");
            assert!(status.success(), "the program ended: {status:?}");
        }
    }
    Ok(())
}
