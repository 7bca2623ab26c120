//! The database's file replaced, held, read-only or damaged: clear words, nobody's container touched, nothing half done.

mod moved;

use std::{
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    kill::marked,
    orphans::age,
    support::{TestApp, Visitor, config, disk::SmallDisk, lxd, pool, until},
};

/// What `tryit serve` says when it does not start.
async fn refused(directory: &TempDir) -> String {
    let file = directory.path().join("refused.toml");
    std::fs::write(&file, config("")).expect("a configuration");
    refused_with(&file).await
}

async fn refused_with(file: &Path) -> String {
    let serve = Command::new(env!("CARGO_BIN_EXE_tryit"))
        .args(["serve", "--config"])
        .arg(file)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Output { status, stderr, .. } = tokio::time::timeout(crate::support::PATIENCE, serve)
        .await
        .expect("an end")
        .expect("it ran");
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).expect("text")
}

/// Puts another file in the database's place, as an operator does who reads the manual.
fn replace(directory: &TempDir, with: Option<&Path>) {
    let database = directory.path().join("tryit.db");
    for end in ["", "-wal", "-shm"] {
        // Those beside it are not always there.
        let _ = std::fs::remove_file(format!("{}{end}", database.display()));
    }
    if let Some(with) = with {
        std::fs::copy(with, database).expect("a copy");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_costs_the_sessions_since_and_nothing_else() {
    let app = TestApp::start("").await;
    let (stays, leaves) = (app.running_visitor().await, app.running_visitor().await);
    let (stayed, left) = (stays.container().await, leaves.container().await);
    let directory = app.directory.clone();
    let [stays, leaves] = [(stays.id, stays.token), (leaves.id, leaves.token)];
    app.stop().await.1.expect("a clean end");
    let backup = directory.path().join("backup.db");
    std::fs::copy(directory.path().join("tryit.db"), &backup).expect("a copy");

    let app = TestApp::start_in(directory.clone(), "").await;
    Visitor { app: &app, id: leaves.0.clone(), token: leaves.1.clone() }.end().await;
    lxd::gone(&left).await;
    let since = app.running_visitor().await;
    let (since, orphan) = ((since.id.clone(), since.token.clone()), since.container().await);
    app.stop().await.1.expect("a clean end");
    replace(&directory, Some(&backup));

    let app = TestApp::start_in(directory.clone(), "").await;
    let visitor = |(id, token): &(String, String)| Visitor {
        app: &app,
        id: id.clone(),
        token: token.clone(),
    };
    let view = visitor(&stays).view().await;
    assert_eq!((&view["state"], &view["name"]), (&json!("running"), &json!(stayed)));
    let ended = visitor(&leaves).wait_for("ended").await;
    assert_eq!(ended["ended_reason"], "container_stopped", "its container is gone");
    assert_eq!(visitor(&since).ask(Method::GET, "").await.0, 401, "nothing is known of it");
    assert!(lxd::instance(&orphan).await.is_some(), "it is young: its row could be on its way");
    age(std::slice::from_ref(&orphan)).await;
    lxd::gone(&orphan).await;
    visitor(&stays).leave().await;
    assert!(marked(&directory).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_hands_nobody_a_container_that_somebody_had_since() {
    const POOL: &str = "[pool]\nsize = 1\n";
    let app = TestApp::start(POOL).await;
    let waits = pool::filled(&app, 1).await.remove(0);
    let mut reader = connect(&app.directory).await;
    let backup = app.path("backup.db");
    sqlx::query("vacuum into ?1")
        .bind(backup.to_str())
        .execute(&mut reader)
        .await
        .expect("a backup");
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.container().await, waits);
    // The container itself says whose it is.
    until("it is signed", || async {
        let container = lxd::instance(&waits).await?;
        (container["config"]["user.tryit.session"] == *visitor.id).then_some(())
    })
    .await;
    let (directory, stopped) = app.stop().await;
    stopped.expect("a clean end");
    replace(&directory, Some(&backup));

    let app = TestApp::start_in(directory, POOL).await;
    let other = app.running_visitor().await;
    assert_ne!(other.container().await, waits, "somebody's secrets are in it");
    lxd::gone(&waits).await;
    other.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_begins_anew_and_touches_no_container() {
    let app = TestApp::start("").await;
    let old = app.running_visitor().await;
    let name = old.container().await;
    let (id, token) = (old.id, old.token);
    let (directory, stopped) = app.stop().await;
    stopped.expect("a clean end");
    replace(&directory, None);
    std::fs::write(directory.path().join("tryit.db"), "").expect("an empty file");
    let app = TestApp::start_in(directory, "").await;
    assert_eq!(Visitor { app: &app, id, token }.ask(Method::GET, "").await.0, 401);
    age(std::slice::from_ref(&name)).await;
    // A whole life of a session: containers were listed several times.
    app.running_visitor().await.leave().await;
    assert!(lxd::instance(&name).await.is_some(), "it is somebody else's now");
    lxd::ask(
        Method::PUT,
        &format!("/instances/{name}/state"),
        Some(json!({"action": "stop", "force": true})),
    )
    .await;
    lxd::remove(&name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_service_on_the_same_file_fails_in_words() {
    let app = TestApp::start("").await;
    let said = refused(&app.directory).await;
    assert!(said.contains("in use by another tryit (process "), "{said}");
    assert_eq!(app.get("/status").await["state"], "open", "the first one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_is_refused_in_words() {
    let disk = SmallDisk::new("4m");
    let directory = disk.directory();
    let (directory, stopped) = TestApp::start_in(directory, "").await.stop().await;
    stopped.expect("a clean end");
    std::fs::write(directory.path().join("tryit.toml"), config("")).expect("a configuration");
    disk.read_only();
    let said = refused_with(&directory.path().join("tryit.toml")).await;
    assert!(said.contains("tryit.db") && said.contains("Read-only file system"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused_in_words_and_left_alone() {
    let (directory, stopped) = TestApp::start("").await.stop().await;
    stopped.expect("a clean end");
    let database = directory.path().join("tryit.db");
    let mut bytes = std::fs::read(&database).expect("a database");
    bytes[4096..].fill(0xa5);
    std::fs::write(&database, &bytes).expect("a damaged one");
    let said = refused(&directory).await;
    assert!(said.contains("damaged") && said.contains("restore a backup"), "{said}");
    assert!(std::fs::read(&database).expect("a file") == bytes, "nothing was written to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_else_holds_is_said_and_waited_for() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut other = connect(&app.directory).await;
    sqlx::raw_sql("begin immediate").execute(&mut other).await.expect("the lock");
    // Before anybody has tried to start.
    let status = app.wait_for("unavailable").await;
    assert!(status["message"].as_str().is_some_and(|words| words.contains("write")), "{status}");
    let (status, body) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")), "{body}");
    assert_eq!(visitor.view().await["state"], "running", "who only looks is answered");
    assert_eq!(app.get("/status").await["sessions"]["active"], 1, "nothing was half started");
    sqlx::raw_sql("rollback").execute(&mut other).await.expect("let go");
    app.wait_for("open").await;
    app.running_visitor().await.leave().await;
    visitor.leave().await;
    let (directory, stopped) = app.stop().await;
    stopped.expect("a clean end");

    sqlx::raw_sql("begin immediate").execute(&mut other).await.expect("the lock");
    let said = refused(&directory).await;
    assert!(said.contains("holds its lock"), "{said}");
}

async fn connect(directory: &Arc<TempDir>) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("tryit.db"))
        .busy_timeout(Duration::from_secs(5));
    SqliteConnection::connect_with(&options).await.expect("the database")
}
