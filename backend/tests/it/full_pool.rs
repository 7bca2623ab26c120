//! A storage pool that is nearly full: no new session, in words, and no harm to those that live.

use serde_json::json;

use crate::support::{TestApp, Visitor, app::lxd_table, lxd};

/// `[lxd]` with the fill above which nothing starts.
fn filled(max: u8) -> String {
    format!("{}max_fill = {max}\n", lxd_table(&lxd::socket()))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_on_a_pool_that_is_too_full_and_what_runs_goes_on() {
    let app = TestApp::start(&filled(100)).await;
    let visitor = app.running_visitor().await;

    // Any pool with an image in it is fuller than that.
    app.reload(&filled(0)).await;
    let status = app.wait_for("unavailable").await;
    let told = status["message"].as_str().expect("words");
    assert!(told.contains("disk is nearly full"), "{told}");
    let start = json!({"terms_hash": app.terms().await});
    let (status, body) = app.try_start(start.clone()).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")));
    let message = body["error"]["message"].as_str().expect("words");
    assert!(message.contains("disk is nearly full"), "{message}");
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo still here").await, "still here");

    app.reload(&filled(100)).await;
    app.wait_for("open").await;
    let (status, again) = app.try_start(start).await;
    assert_eq!(status, 201, "{again}");
    Visitor::new(&app, &again).leave().await;
    visitor.leave().await;
}
