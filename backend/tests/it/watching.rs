//! An operator watches a terminal: sees everything, changes nothing, and is written down.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    Operator, TestApp,
    operators::{ann, table},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_sees_the_terminal_and_can_do_nothing() {
    let app = TestApp::start(&ann()).await;
    let (ann, visitor) = (Operator::ann(&app), app.running_visitor().await);
    let mut terminal = visitor.terminal().await.greeted().await;
    terminal.run("echo before").await;
    let mut watcher = ann.watch(&visitor.id, "1").await.greeted().await;
    assert_eq!(watcher.hello["writer"], false);
    assert_eq!((&watcher.hello["cols"], &watcher.hello["rows"]), (&json!(80), &json!(24)));
    watcher.expect("before").await;

    watcher.type_in("touch /root/typed\n").await;
    watcher.say(json!({"interrupt": {}})).await;
    watcher.say(json!({"resize": {"cols": 40, "rows": 10}})).await;
    terminal.type_in("echo se\"\"en\n").await;
    watcher.expect("seen\r\n").await;
    assert_eq!(terminal.run("ls /root/typed || stty size").await.lines().last(), Some("24 80"));
    assert_eq!(ann.get("/sessions").await["items"][0]["attached"], 1, "a watcher is no browser");

    let of_session =
        |detail: &str| ["session.watch".to_owned(), visitor.id.clone(), detail.to_owned()];
    assert_eq!(ann.audit().await, [of_session("terminal 1")]);
    assert_eq!(ann.watch(&visitor.id, "2").await.closed().await, 4404, "a watcher opens nothing");
    assert_eq!(ann.audit().await.len(), 1);
    visitor.end().await;
    assert_eq!(watcher.closed().await, 4410);
    assert_eq!(ann.watch(&visitor.id, "1").await.closed().await, 4410);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_for_it_watches_and_others_are_told_by_code() {
    let scopes = ["sessions:read", "sessions:write"];
    let app = TestApp::start(&(ann() + &table("reader", &scopes, ""))).await;
    let visitor = app.running_visitor().await;
    let by = |name: &'static str| Operator { app: &app, name };
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (operator, session, n, code) in [
        (by("nobody"), visitor.id.as_str(), "1", 4401),
        (by("reader"), &visitor.id, "1", 4403),
        (by("ann"), unknown, "1", 4404),
        (by("ann"), "no-session", "1", 4404),
        (by("ann"), &visitor.id, "9", 4404),
        (by("ann"), &visitor.id, "1?since=x", 4400),
    ] {
        assert_eq!(operator.watch(session, n).await.closed().await, code, "{session} {n}");
    }
    assert!(by("ann").audit().await.is_empty());
    // The visitor's own token is no operator's, and an operator's is no visitor's.
    let path = format!("/sessions/{}", visitor.id);
    assert_eq!(by("ann").ask(Method::GET, &path, None).await.0, 405);
    let view = app.request(Method::GET, &path).bearer_auth("tryit_op_ann");
    assert_eq!(app.ask(view).await.0, 401);
    visitor.leave().await;
}
