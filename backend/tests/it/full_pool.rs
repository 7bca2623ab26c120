//! A storage pool that is nearly full: no new session, in words, and no harm to those that live.

use serde_json::json;

use crate::support::{TestApp, Visitor, app::lxd_table, lxd, until};

/// `[lxd]` with the fill above which nothing starts.
fn filled(max: u8) -> String {
    format!("{}max_fill = {max}\n", lxd_table(&lxd::socket()))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_on_a_pool_that_is_too_full_and_what_runs_goes_on() {
    let app = TestApp::start(&filled(100)).await;
    let visitor = app.running_visitor().await;
    let known = json!({"id": visitor.id, "token": visitor.token});
    let (directory, stopped) = app.stop().await;
    stopped.expect("a service that stops");

    // Any pool with an image in it is fuller than that.
    let app = TestApp::start_in(directory, &filled(0)).await;
    let start = json!({"terms_hash": app.terms().await});
    let (status, body) = app.try_start(start.clone()).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")));
    let message = body["error"]["message"].as_str().expect("words");
    assert!(message.contains("disk is nearly full"), "{message}");
    let visitor = Visitor::new(&app, &known);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo still here").await, "still here");

    app.reload(&filled(100)).await;
    let again = until("starts are admitted", || async {
        let (status, body) = app.try_start(start.clone()).await;
        (status == 201).then_some(body)
    })
    .await;
    Visitor::new(&app, &again).leave().await;
    visitor.leave().await;
}
