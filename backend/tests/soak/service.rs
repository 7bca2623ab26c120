//! `tryit serve` as a process that is killed and started again, always at the same address on the same database.

use std::{
    fs::{File, OpenOptions},
    net::TcpListener,
    path::PathBuf,
    process::{ExitStatus, Stdio},
};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::{app::new_directory, config};

/// The service's process, its files and its address.
pub struct Service {
    directory: std::sync::Arc<TempDir>,
    log: PathBuf,
    /// Host and port.
    pub host: String,
    child: Option<Child>,
}

impl Service {
    /// Prepares it; nothing runs yet. `more` goes into the configuration.
    pub fn new(more: &str) -> Self {
        let directory = new_directory();
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let host = free.expect("a free port").to_string();
        let text = config(&format!("listen = \"{host}\"\n{more}"));
        std::fs::write(directory.path().join("tryit.toml"), text).expect("a configuration");
        let log = std::env::temp_dir().join(format!("tryit-soak-{}.log", std::process::id()));
        File::create(&log).expect("a log");
        Self { directory, log, host, child: None }
    }

    /// Where the log is.
    pub fn log(&self) -> PathBuf {
        self.log.clone()
    }

    /// Starts the process; it listens a little later.
    pub fn start(&mut self) {
        let log = OpenOptions::new().append(true).open(&self.log).expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_tryit"))
            .args(["serve", "--config"])
            .arg(self.directory.path().join("tryit.toml"))
            .env("TRYIT_LOG__LEVEL", "info")
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        self.child = Some(child.expect("the program"));
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.expect("a process to kill");
        }
    }

    /// Sends a signal.
    pub async fn signal(&self, name: &str) {
        let id = self.child.as_ref().and_then(Child::id).expect("a process");
        let sent = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().await;
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was not sent");
    }

    /// SIGTERM, and waits for the end.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM").await;
        let mut child = self.child.take().expect("a process");
        child.wait().await.expect("a process that ends")
    }

    /// Keeps no containers ready any more.
    pub async fn empty_the_pool(&mut self) {
        let file = self.directory.path().join("tryit.toml");
        let text = std::fs::read_to_string(&file).expect("a configuration");
        let text = text.replace("[pool]\nsize = 1", "[pool]\nsize = 0");
        std::fs::write(&file, text).expect("a configuration");
        self.signal("HUP").await;
    }

    /// How it ended, if it did so by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().ok().flatten()
    }
}
