//! A session from its start to its end, and everything that may come between.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, Visitor, lxd, pool, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_gets_a_root_shell_and_its_container_is_gone_in_the_end() {
    let app = TestApp::start("").await;
    let visitor = app.visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo $((6*7)); id -un").await, "42\nroot");
    let view = visitor.view().await;
    assert_eq!(view["state"], "running");
    assert_eq!(view["terminals"], json!([{"n": 1, "state": "open"}]));
    assert!(
        view["remaining_ms"].as_u64().is_some_and(|left| left > 1_700_000 && left <= 1_800_000),
        "{view}"
    );
    assert_eq!(app.get("/status").await["sessions"]["active"], 1);
    let name = visitor.container().await;
    assert_eq!(terminal.run("hostname").await, name);
    visitor.end().await;
    assert_eq!(terminal.closed().await, 4410);
    lxd::gone(&name).await;
    until("the place is free", || async {
        (app.get("/status").await["sessions"]["active"] == 0).then_some(())
    })
    .await;
    let view = visitor.view().await;
    assert_eq!(
        (&view["state"], &view["ended_reason"]),
        (&json!("ended"), &json!("ended_by_visitor"))
    );
    visitor.end().await;
    let (status, body) = visitor.ask(Method::POST, "/extend").await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (410, &json!("session_ended")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_expires_with_its_container() {
    let app = TestApp::start("[session]\nduration = \"3s\"\nextensions = 0\n").await;
    let visitor = app.visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let name = visitor.container().await;
    assert_eq!(terminal.closed().await, 4410);
    let view = visitor.view().await;
    assert_eq!((&view["state"], &view["ended_reason"]), (&json!("ended"), &json!("expired")));
    assert!(view["feedback_until"].is_string());
    lxd::gone(&name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_extended_as_often_as_configured() {
    let app =
        TestApp::start("[session]\nduration = \"20m\"\nextensions = 1\nextend_minutes = 10\n")
            .await;
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.view().await["extensions_left"], 1);
    let (status, view) = visitor.ask(Method::POST, "/extend").await;
    assert_eq!(status, 200, "{view}");
    assert!(view["remaining_ms"].as_u64().is_some_and(|left| left > 29 * 60_000), "{view}");
    assert_eq!(view["extensions_left"], 0);
    let (status, body) = visitor.ask(Method::POST, "/extend").await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (409, &json!("extension_refused")));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_session_and_its_container() {
    let app = TestApp::start("").await;
    let before = app.running_visitor().await;
    let mut terminal = before.terminal().await.greeted().await;
    terminal.run("echo kept > /root/file").await;
    let (id, token, name) = (before.id.clone(), before.token.clone(), before.container().await);
    let closing = tokio::spawn(async move { terminal.closed().await });
    let (directory, result) = app.stop().await;
    result.expect("a clean end");
    assert_eq!(closing.await.expect("the socket's end"), 1012);
    let app = TestApp::start_in(directory, "").await;
    let after = Visitor { app: &app, id, token };
    assert_eq!(after.container().await, name);
    let mut terminal = after.terminal().await.greeted().await;
    assert_eq!(terminal.run("cat /root/file").await, "kept");
    after.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_deleted_from_outside_ends_its_session() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    let stop = json!({"action": "stop", "force": true, "timeout": 10});
    lxd::ask(Method::PUT, &format!("/instances/{name}/state"), Some(stop)).await;
    // The service may be writing on it whose it is.
    until("it is deleted", || async {
        let path = format!("/instances/{name}");
        lxd::try_ask_at(&lxd::socket(), Method::DELETE, &path, None).await.ok()
    })
    .await;
    let view = visitor.wait_for("ended").await;
    assert_eq!(view["ended_reason"], "container_stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_the_session_and_a_reboot_does_not() {
    let app = TestApp::start("").await;
    let (rebooted, shut_down) = (app.running_visitor().await, app.running_visitor().await);
    let mut to_reboot = rebooted.terminal().await.greeted().await;
    let mut to_shut_down = shut_down.terminal().await.greeted().await;
    to_reboot.type_in("reboot\n").await;
    to_shut_down.type_in("poweroff\n").await;
    assert_eq!(shut_down.wait_for("ended").await["ended_reason"], "container_stopped");
    assert_eq!(to_shut_down.closed().await, 4000, "its shell ended");
    // By now the reboot is over, too; its shell went with it, and a new one opens.
    assert_eq!(rebooted.view().await["state"], "running");
    let mut terminal = until("a terminal after the reboot", || async {
        let mut terminal = rebooted.socket("1?cols=80&rows=24&new=1").await;
        let greeted =
            tokio::time::timeout(std::time::Duration::from_secs(5), terminal.next()).await;
        matches!(greeted, Ok(crate::support::Message::Text(frame)) if frame.get("hello").is_some())
            .then_some(terminal)
    })
    .await;
    assert_eq!(terminal.run("echo back").await, "back");
    rebooted.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_still_being_prepared_is_deleted_at_once() {
    // Longer than anybody here waits.
    let slow = "[source.slow]\nimage = \"tryit-shell\"\nready = [\"sleep\", \"3600\"]\nready_seconds = 600\n";
    let app = TestApp::start(&format!("{slow}[pool]\nsize = 1\n")).await;
    let being_prepared = async || {
        let visitor = app.visitor().await;
        until("the container is prepared", || async {
            (visitor.view().await["phase"]["step"] == "preparing").then_some(())
        })
        .await;
        visitor
    };
    let visitor = being_prepared().await;
    visitor.leave().await;
    // One of the pool is nobody's, yet ends the same way.
    let pools = until("another one is being made and runs", || async {
        let name = pool::nobodys(&app).await.pop()?;
        (lxd::instance(&name).await?["status"] == "Running").then_some(name)
    })
    .await;
    app.reload(&format!("{slow}[pool]\nsize = 0\n")).await;
    lxd::gone(&pools).await;
}
