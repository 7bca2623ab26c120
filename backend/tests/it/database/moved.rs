//! The database's file taken away under the running service: nothing is written to what would be lost, and it is said.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Program, TestApp, Visitor, app::new_directory, lxd, until};

async fn ready(app: &TestApp) -> u16 {
    let asked = app.http.get(format!("http://{}/readyz", app.address)).send();
    asked.await.expect("an answer").status().as_u16()
}

/// What a service does whose database is not in its place.
async fn refuses(app: &TestApp, visitor: &Visitor<'_>) {
    let (status, body) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")), "{body}");
    assert_eq!(ready(app).await, 503);
    app.wait_for("unavailable").await;
    assert_eq!(visitor.view().await["state"], "running", "who only looks is answered");
    assert_eq!(visitor.ask(Method::DELETE, "").await.0, 503, "nothing is promised");
}

fn is_complaint(event: &Value) -> bool {
    let cause = event["cause"].as_str().unwrap_or_default();
    event["level"] == "ERROR" && cause.contains("was moved, deleted or replaced")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_moved_or_replaced_is_not_written_and_goes_on_when_it_is_back() {
    let program = Program::start_in(new_directory(), "").await;
    let app = &program.app;
    let visitor = app.running_visitor().await;
    let (database, away) = (app.path("tryit.db"), app.path("away.db"));
    fs::rename(&database, &away).expect("a file to move");
    // Before anybody has asked for anything.
    let said = program.logs("what is wrong", is_complaint).await.to_string();
    assert!(said.contains("tryit.db") && said.contains("move the same file back"), "{said}");
    refuses(app, &visitor).await;
    fs::copy(&away, &database).expect("a copy in its place");
    refuses(app, &visitor).await;
    fs::rename(&away, &database).expect("the same file again");
    app.wait_for("open").await;
    until("it is ready", || async { (ready(app).await == 200).then_some(()) }).await;
    app.running_visitor().await.leave().await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_deleted_and_restored_is_right_after_a_restart() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let (name, id, token) = (visitor.container().await, visitor.id.clone(), visitor.token.clone());
    let (directory, stopped) = app.stop().await;
    stopped.expect("a clean end");
    let (database, backup) =
        (directory.path().join("tryit.db"), directory.path().join("backup.db"));
    fs::copy(&database, &backup).expect("a copy");

    let app = TestApp::start_in(directory, "").await;
    let visitor = Visitor { app: &app, id: id.clone(), token: token.clone() };
    for end in ["", "-wal", "-shm"] {
        // Those beside it are not always there.
        let _ = fs::remove_file(format!("{}{end}", database.display()));
    }
    refuses(&app, &visitor).await;
    fs::copy(&backup, &database).expect("the backup in its place");
    refuses(&app, &visitor).await;
    let (directory, stopped) = app.stop().await;
    stopped.expect("a clean end");
    assert_eq!(fs::read(&backup).expect("it"), fs::read(&database).expect("it"), "left alone");

    let app = TestApp::start_in(directory, "").await;
    let visitor = Visitor { app: &app, id, token };
    assert_eq!(visitor.wait_for("running").await["name"], name.as_str());
    assert!(lxd::instance(&name).await.is_some());
    visitor.leave().await;
}
