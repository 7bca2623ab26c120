//! What is killed in the middle: the server of containers, and the service itself. Sessions go on, nothing leaks.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::{
    kill::marked,
    support::{
        Daemon, Message, Socket, TestApp, Visitor,
        app::{lxd_table, new_directory},
        lxd, turn, until,
    },
};

/// A terminal, as soon as it can be had again.
async fn reconnected(visitor: &Visitor<'_>) -> Socket {
    until("the terminal opens again", || async {
        let mut socket = visitor.terminal().await;
        match socket.next().await {
            Message::Text(frame) if frame.get("hello").is_some() => Some(socket),
            _ => None,
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_lxd_ends_no_session_and_heals_by_itself() {
    let daemon = Daemon::start("outage").await;
    let app = TestApp::start(&lxd_table(&daemon.socket)).await;
    let (stays, leaves) = (app.running_visitor().await, app.running_visitor().await);
    let mut terminal = stays.terminal().await.greeted().await;
    terminal.run("echo kept > /root/file").await;
    let (kept, left) = (stays.container().await, leaves.container().await);

    daemon.kill().await;
    assert_eq!(terminal.closed().await, 4503);
    until("the service says so", || async {
        let status = app.get("/status").await;
        (status["state"] == "unavailable").then_some(())
    })
    .await;
    assert!(app.get("/status").await["message"].as_str().is_some_and(|message| message.len() > 20));
    let ready =
        app.http.get(format!("http://{}/readyz", app.address)).send().await.expect("an answer");
    assert_eq!(ready.status(), 503);
    let alive =
        app.http.get(format!("http://{}/healthz", app.address)).send().await.expect("an answer");
    assert_eq!(alive.status(), 200);
    let (status, body) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")));
    assert_eq!(stays.terminal().await.closed().await, 4503);
    leaves.end().await;
    assert_eq!(leaves.view().await["ended_reason"], "ended_by_visitor");
    assert_eq!(stays.view().await["state"], "running");

    daemon.restart().await;
    until("the service is open again", || async {
        (app.get("/status").await["state"] == "open").then_some(())
    })
    .await;
    let mut terminal = reconnected(&stays).await;
    assert_eq!(terminal.run("cat /root/file").await, "kept");
    let exists = async |name: &str| {
        let path = format!("/instances/{name}");
        lxd::ask_at(&daemon.socket, Method::GET, &path, None).await.is_some()
    };
    until("what was ended meanwhile is deleted", || async { (!exists(&left).await).then_some(()) })
        .await;
    assert_eq!(stays.view().await["state"], "running");
    stays.end().await;
    until("what was kept is deleted", || async { (!exists(&kept).await).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_in_the_middle_of_starts_goes_on_with_them() {
    let _turn = turn().await;
    let directory = new_directory();
    // Slow enough to be killed in every part of a start, quick enough to end by itself.
    let source = "[source.shell]\nimage = \"tryit-shell\"\nready = [\"sleep\", \"1\"]\n";
    let app = TestApp::start_program_in(directory.clone(), source).await;
    let body = json!({"terms_hash": app.terms().await});
    let started = join_all((0..4).map(|_| app.try_start(body.clone()))).await;
    let before: Vec<_> = started.iter().map(|(_, body)| Visitor::new(&app, body)).collect();
    until("one of them is being prepared", || async {
        (before[0].view().await["phase"]["step"] == "preparing").then_some(())
    })
    .await;
    let tokens: Vec<_> =
        before.iter().map(|visitor| (visitor.id.clone(), visitor.token.clone())).collect();
    app.stop().await.1.expect("killed");

    let app = TestApp::start_program_in(directory.clone(), source).await;
    let visitors: Vec<_> =
        tokens.into_iter().map(|(id, token)| Visitor { app: &app, id, token }).collect();
    let views = join_all(visitors.iter().map(|visitor| visitor.wait_for("running"))).await;
    let names: BTreeSet<_> =
        views.iter().map(|view| view["name"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(names.len(), 4);
    assert_eq!(marked(&directory).await, names, "there are no others");
    let mut terminal = visitors[0].terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    join_all(visitors.iter().map(Visitor::end)).await;
    // Killed once more, in the middle of the deletions.
    app.stop().await.1.expect("killed");
    let app = TestApp::start_program_in(directory.clone(), source).await;
    until("all places are free", || async {
        (app.get("/status").await["sessions"]["active"] == 0).then_some(())
    })
    .await;
    assert_eq!(marked(&directory).await, BTreeSet::new());
    app.stop().await.1.expect("killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_keeps_its_sessions() {
    let directory = new_directory();
    let app = TestApp::start_program_in(directory.clone(), "").await;
    let before = {
        let _turn = turn().await;
        app.running_visitor().await
    };
    let mut terminal = before.terminal().await.greeted().await;
    terminal.run("echo kept > /root/file; cd /opt").await;
    let epoch = terminal.hello["epoch"].clone();
    let (id, token, view) = (before.id.clone(), before.token.clone(), before.view().await);
    app.stop().await.1.expect("killed");
    assert_eq!(terminal.closed().await, 1006, "nobody was left to say goodbye");

    let app = TestApp::start_program_in(directory.clone(), "").await;
    let after = Visitor { app: &app, id, token };
    let now = after.view().await;
    for key in ["state", "name", "expires_at", "running_at"] {
        assert_eq!(now[key], view[key], "{key}");
    }
    let since = format!("1?cols=80&rows=24&since=5&epoch={}", epoch.as_str().expect("an epoch"));
    let mut terminal = after.socket(&since).await.greeted().await;
    assert_ne!(terminal.hello["epoch"], epoch, "the shell is a new one");
    assert_eq!(terminal.run("pwd; cat /root/file").await, "/root\nkept");
    after.leave().await;
    app.stop().await.1.expect("killed");
}
