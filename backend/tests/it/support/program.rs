//! The real program, started as an operator would and killed as a machine would.

use std::{process::Stdio, sync::Arc};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};
use tokio_util::sync::CancellationToken;
use tryit::cli::Failure;

use super::{TestApp, config, http};

impl TestApp {
    /// Starts `tryit serve` on the database and the tutorials of another service. What [`stop`](Self::stop) does to
    /// this one is `kill -9`.
    pub async fn start_program_in(directory: Arc<TempDir>, more: &str) -> Self {
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
        let mut log = BufReader::new(program.stderr.take().expect("a pipe")).lines();
        let address = listening(&mut log).await.parse().expect("an address");
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(program, log, stop.clone()));
        let http = http().build().expect("a client");
        let app = Self { address, http, directory, reload: None, stop, task };
        app.wait_until_open().await;
        app
    }
}

/// The address that the log names. A program that ends before it listens has said why.
async fn listening(log: &mut Lines<BufReader<ChildStderr>>) -> String {
    let mut said = String::new();
    while let Some(line) = log.next_line().await.expect("a log") {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(address) = event["address"].as_str().filter(|_| event["message"] == "listening")
        {
            return address.to_owned();
        }
        said += &format!("{line}\n");
    }
    panic!("the program ended: {said}");
}

/// Waits until the program ends or is to be killed. What it logs meanwhile is for whoever reads a failed test.
async fn run(
    mut program: Child,
    mut log: Lines<BufReader<ChildStderr>>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let logging = async {
        while let Ok(Some(line)) = log.next_line().await {
            println!("{line}");
        }
    };
    tokio::select! {
        () = stop.cancelled() => program.kill().await.expect("a program to kill"),
        () = logging => panic!("the program ended: {:?}", program.wait().await),
    }
    Ok(())
}
