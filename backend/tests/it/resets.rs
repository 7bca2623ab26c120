//! A fresh container in the same place, time and progress.

use reqwest::Method;
use serde_json::json;

use crate::support::{Message, Socket, TestApp, Visitor, lxd, pool, until};

/// Reads until the server closes: the notices before, and the code.
async fn farewell(terminal: &mut Socket) -> (Vec<String>, u16) {
    let code = terminal.closed().await;
    let notices = terminal.texts.iter().filter_map(|frame| frame.pointer("/notice/code"));
    (notices.map(|code| code.as_str().expect("a code").to_owned()).collect(), code)
}

async fn reset(visitor: &Visitor<'_>) -> (u16, serde_json::Value) {
    let (status, body) = visitor.ask(Method::POST, "/reset").await;
    (status.as_u16(), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_brings_a_fresh_container_and_keeps_the_rest() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    terminal.run("echo old > /root/file").await;
    let progress = json!({"page": "intro", "ran": [0]});
    let request = visitor.request(Method::PUT, "/progress").json(&progress);
    assert_eq!(app.ask(request).await.0, 200);
    let before = visitor.view().await;
    let old = visitor.container().await;

    let (status, view) = reset(&visitor).await;
    assert_eq!((status, &view["state"]), (200, &json!("starting")), "{view}");
    for key in ["expires_at", "running_at", "progress", "extensions_left"] {
        if key != "extensions_left" {
            assert_eq!(view[key], before[key], "{key}");
        }
    }
    assert_eq!(view["setup"], "pending");
    assert_ne!(view["name"], old);
    assert_eq!(farewell(&mut terminal).await, (vec!["reset".to_owned()], 1012));
    // It waits while the container is made, like any other.
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("cat /root/file 2>/dev/null || echo none").await, "none");
    assert_eq!(terminal.run("hostname").await, view["name"].as_str().expect("a name"));
    let after = visitor.view().await;
    assert_eq!((&after["state"], &after["expires_at"]), (&json!("running"), &before["expires_at"]));
    lxd::gone(&old).await;
    until("one place is taken", || async {
        (app.get("/status").await["sessions"]["active"] == 1).then_some(())
    })
    .await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_takes_what_waits() {
    let app = TestApp::start("[pool]\nsize = 1\n").await;
    let (first, visitor) = (pool::filled(&app, 1).await, app.running_visitor().await);
    let mut terminal = visitor.terminal().await.greeted().await;
    let second = pool::replaced(&app, &first).await;
    let (status, view) = reset(&visitor).await;
    assert_eq!((status, &view["state"]), (200, &json!("running")), "{view}");
    assert_eq!(view["name"], second[0]);
    assert_eq!(farewell(&mut terminal).await.1, 1012);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("hostname").await, second[0]);
    lxd::gone(&first[0]).await;
    visitor.leave().await;
    app.reload("").await;
    until("no container is left", || async { pool::nobodys(&app).await.is_empty().then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_are_refused_where_they_make_no_sense() {
    let app = TestApp::start("").await;
    let starting = app.visitor().await;
    let refused = |(status, body): (u16, serde_json::Value)| {
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    if starting.view().await["state"] == "starting" {
        let answer = reset(&starting).await;
        assert!(answer.0 == 200 || refused(answer.clone()) == (409, "wrong_state".to_owned()));
    }
    let visitor = app.running_visitor().await;
    let answers = futures_util::future::join_all((0..10).map(|_| reset(&visitor))).await;
    let done = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    for answer in answers.into_iter().filter(|(status, _)| *status != 200) {
        assert_eq!(refused(answer), (409, "wrong_state".to_owned()));
    }
    visitor.wait_for("running").await;
    assert_eq!(refused(reset(&visitor).await), (409, "wrong_state".to_owned()), "too soon");
    visitor.leave().await;
    assert_eq!(refused(reset(&visitor).await), (410, "session_ended".to_owned()));
    starting.wait_for("running").await;
    starting.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_expires_during_its_reset_leaves_nothing() {
    let app = TestApp::start(
        "[session]\nduration = \"8s\"\nextensions = 0\n[source.shell]\nimage = \"tryit-shell\"\n\
         ready = [\"sh\", \"-c\", \"test -e /root/never || sleep 1\"]\n",
    )
    .await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let old = visitor.container().await;
    until("the end is near", || async {
        let left = visitor.view().await["remaining_ms"].as_u64()?;
        (left < 1500).then_some(())
    })
    .await;
    let (status, _) = reset(&visitor).await;
    assert!(status == 200 || status == 410);
    terminal.closed().await;
    let mut waiting = visitor.terminal().await;
    let mut code = None;
    while code.is_none() {
        if let Message::Close(closed) = waiting.next().await {
            code = Some(closed);
        }
    }
    assert_eq!(code, Some(4410));
    assert_eq!(visitor.view().await["ended_reason"], "expired");
    lxd::gone(&old).await;
    until("the place is free", || async {
        (app.get("/status").await["sessions"]["active"] == 0).then_some(())
    })
    .await;
}
