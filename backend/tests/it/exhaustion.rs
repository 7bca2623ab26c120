//! A container that has nothing left: checks and new terminals say so in words, and a reset helps.

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::{Socket, TestApp, Visitor, app::write, lxd, until};

/// A terminal that is still there after this time has its shell.
const GETS_IN: Duration = Duration::from_secs(15);

async fn service() -> TestApp {
    let directory = TempDir::new().expect("a temporary directory");
    let tutorial = directory.path().join("tutorials/first");
    write(
        tutorial.join("index.json"),
        r#"{"title": "First", "details": {"intro": {"text": "text.md"},
            "steps": [{"text": "text.md", "verify": "verify.sh", "background": "background.sh"}]},
            "backend": {"imageid": "shell"}}"#,
    );
    write(tutorial.join("text.md"), "Text.\n");
    write(tutorial.join("background.sh"), "sleep 1\n");
    write(tutorial.join("verify.sh"), "files=$(ls /root | wc -l)\ntest \"$files\" -gt 1000\n");
    let limits = "[source.shell]\nimage = \"tryit-shell\"\nlimits.processes = 100\nlimits.memory = \"96MiB\"\n";
    TestApp::start_in(Arc::new(directory), limits).await
}

/// Waits until a check says that nothing is left.
async fn is_exhausted(visitor: &Visitor<'_>) {
    let refusal = until("a check says so", || async {
        let (status, body) = visitor.ask(Method::POST, "/steps/1/check").await;
        let code = body["error"]["code"].as_str().unwrap_or_default().to_owned();
        (status == 409 && code == "container_exhausted").then_some(body)
    })
    .await;
    let message = refusal["error"]["message"].as_str().expect("words");
    assert!(message.contains("reset"), "{message}");
}

/// What a new terminal says before it is closed, and the code. A check may fail while there is room for one process
/// still: the shell that gets it stays, and the next one is refused.
async fn refused(visitor: &Visitor<'_>) -> (bool, u16) {
    for n in 2..=4 {
        let mut terminal: Socket = visitor.socket(&format!("{n}?cols=80&rows=24")).await;
        let Ok(code) = timeout(GETS_IN, terminal.closed()).await else { continue };
        let told = terminal
            .texts
            .iter()
            .any(|frame| frame.pointer("/notice/code").is_some_and(|c| c == "container_exhausted"));
        return (told, code);
    }
    panic!("three more shells got in");
}

/// A reset gives a container where everything works again.
async fn is_helped_by_a_reset(visitor: &Visitor<'_>) {
    let old = visitor.container().await;
    let (status, view) = visitor.ask(Method::POST, "/reset").await;
    assert_eq!(status, 200, "{view}");
    visitor.wait_for("running").await;
    let (status, body) = visitor.ask(Method::POST, "/steps/1/check").await;
    assert_eq!(status, 200, "{body}");
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    lxd::gone(&old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_bomb() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    // Of processes that stay: those that die for want of others leave room for a moment, and a shell gets in.
    terminal.type_in("while :; do sleep 1000 & done\n").await;
    is_exhausted(&visitor).await;
    let (told, code) = refused(&visitor).await;
    assert_eq!((told, code), (true, 4000));
    let (status, body) = visitor.ask(Method::POST, "/steps/1/enter").await;
    assert_eq!(
        (status.as_u16(), body["error"]["code"].as_str()),
        (409, Some("container_exhausted"))
    );
    is_helped_by_a_reset(&visitor).await;
    let (status, _) = visitor.ask(Method::POST, "/steps/1/enter").await;
    assert_eq!(status, 204, "what could not be run is run in the fresh container");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_hog() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    // Files in memory, which no kill frees.
    terminal.type_in("mount -t tmpfs -o size=1g tmpfs /mnt; cat /dev/zero > /mnt/full\n").await;
    is_exhausted(&visitor).await;
    is_helped_by_a_reset(&visitor).await;
    visitor.leave().await;
}
