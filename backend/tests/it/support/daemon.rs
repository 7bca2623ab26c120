//! A private daemon of a test's own, for what would disturb all others: it is killed and started again.

use std::path::Path;

use tokio::process::Command;

/// A private daemon; ends with this value, however the test ends.
pub struct Daemon {
    name: &'static str,
    /// Its socket.
    pub socket: String,
}

impl Daemon {
    /// Starts the daemon `name` with the shell image in it. One that an earlier run left behind is replaced.
    pub async fn start(name: &'static str) -> Self {
        script("lxd-private", &["stop", name], &[]).await;
        let environment = script("lxd-private", &["start", name], &[]).await;
        let variables: Vec<(&str, &str)> = environment
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .collect();
        let (_, socket) =
            variables.iter().find(|(name, _)| *name == "TRYIT_TEST_LXD_SOCKET").expect("a socket");
        let daemon = Self { name, socket: (*socket).to_owned() };
        script("images", &["import", "shell"], &variables).await;
        daemon
    }

    /// Kills the daemon; its containers go on running.
    pub async fn kill(&self) {
        script("lxd-private", &["kill", self.name], &[]).await;
    }

    /// Starts it again on what it had.
    pub async fn restart(&self) {
        script("lxd-private", &["restart", self.name], &[]).await;
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Waited for: a daemon that outlives its test would be in the way of the next.
        let stopped =
            std::process::Command::new(path("lxd-private")).args(["stop", self.name]).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("the private daemon {} could not be stopped", self.name);
        }
    }
}

/// Runs one of the project's scripts; what it printed.
async fn script(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(path(name));
    let command = command.args(arguments).envs(variables.iter().copied());
    let output = command.output().await.expect("a script");
    assert!(
        output.status.success(),
        "{name} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

fn path(script: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts").join(script)
}
