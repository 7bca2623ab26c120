//! A server of containers that answers wrongly or not at all: sessions are kept, the page is told, nothing has to be
//! restarted.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::{
    Message, Program, TestApp, Visitor,
    app::{new_directory, write},
    lxd,
    relay::{Mood, Relay},
    turn, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_stops_neither_time_nor_the_visitor_who_ends() {
    let relay = Relay::start();
    let app = TestApp::start(&relay.table()).await;
    let (stays, leaves) = (app.running_visitor().await, app.running_visitor().await);
    let mut terminal = stays.terminal().await.greeted().await;
    let (kept, left) = (stays.container().await, leaves.container().await);
    relay.is(Mood::Hangs);
    let asked = Instant::now();
    leaves.end().await;
    assert_eq!(leaves.view().await["ended_reason"], "ended_by_visitor");
    assert!(asked.elapsed() < Duration::from_secs(8), "no answer waits for the server");
    app.wait_for("unavailable").await;
    assert_eq!(terminal.text("notice").await["code"], "lxd_unavailable");
    let (status, body) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")));
    assert_eq!(stays.view().await["state"], "running");

    relay.is(Mood::Well);
    assert_eq!(terminal.closed().await, 4503, "what hung is cut");
    app.wait_for("open").await;
    lxd::gone(&left).await;
    assert!(lxd::instance(&kept).await.is_some());
    let mut terminal = until("the terminal opens again", || async {
        let mut socket = stays.terminal().await;
        match socket.next().await {
            Message::Text(frame) if frame.get("hello").is_some() => Some(socket),
            _ => None,
        }
    })
    .await;
    assert_eq!(terminal.run("echo again").await, "again");
    stays.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_expires_in_time_while_the_server_hangs() {
    let relay = Relay::start();
    let session = "[session]\nduration = \"15s\"\nper_hour = 1000\n";
    let app = TestApp::start(&format!("{}{session}", relay.table())).await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    relay.is(Mood::Hangs);
    let ended = visitor.wait_for("ended").await;
    assert_eq!(ended["ended_reason"], "expired");
    let late = late_by(&ended);
    assert!(late < Duration::from_secs(8), "{late:?} after its time");
    relay.is(Mood::Well);
    lxd::gone(&name).await;
}

/// How long after a session's time was up the view was asked for.
fn late_by(view: &serde_json::Value) -> Duration {
    let at = |key: &str| {
        let text = view[key].as_str().expect("a time");
        text.parse::<jiff::Timestamp>().expect("a time")
    };
    Duration::try_from(at("server_time").duration_since(at("expires_at"))).expect("expired")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_an_outage_and_ends_nothing() {
    let relay = Relay::start();
    let app = TestApp::start(&relay.table()).await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    for mood in [Mood::Fails, Mood::EmptyWithError, Mood::BreaksOff] {
        relay.is(mood.clone());
        app.wait_for("unavailable").await;
        let (spoilt, looks) = (relay.spoilt(), 2);
        until("it was asked again", || async { (relay.spoilt() >= spoilt + looks).then_some(()) })
            .await;
        assert_eq!(visitor.view().await["state"], "running", "{mood:?}");
        assert!(lxd::instance(&name).await.is_some(), "{mood:?}");
        relay.is(Mood::Well);
        app.wait_for("open").await;
    }
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo here").await, "here");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_a_server_that_fails_says_so_and_can_be_asked_again() {
    let directory = new_directory();
    let tutorial = directory.path().join("tutorials/first");
    write(
        tutorial.join("index.json"),
        r#"{"title": "First", "details": {"steps": [{"text": "intro.md", "verify": "verify.sh"}]},
            "backend": {"imageid": "shell"}}"#,
    );
    write(tutorial.join("verify.sh"), "true\n");
    let relay = Relay::start();
    let app = TestApp::start_in(directory, &relay.table()).await;
    let visitor = app.running_visitor().await;
    relay.is(Mood::Fails);
    let (status, body) = visitor.ask(Method::POST, "/steps/1/check").await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")), "{body}");
    relay.is(Mood::Well);
    let (status, body) = visitor.ask(Method::POST, "/steps/1/check").await;
    assert_eq!((status.as_u16(), &body["passed"]), (200, &json!(true)), "{body}");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lacks_a_container_does_not_end_its_session() {
    let relay = Relay::start();
    let app = TestApp::start(&relay.table()).await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    for mood in [Mood::Lacks(name.clone()), Mood::Empty] {
        relay.is(mood.clone());
        // Whatever happens to containers has the server asked; what followed from all lists but the last has followed.
        app.running_visitor().await.leave().await;
        until("it was asked", || async { (relay.spoilt() >= 3).then_some(()) }).await;
        assert_eq!(visitor.view().await["state"], "running", "{mood:?}");
    }
    relay.is(Mood::Well);
    assert!(lxd::instance(&name).await.is_some());
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_server_goes_away_again_and_again_is_not_given_up() {
    let relay = Relay::start();
    let app = TestApp::start(&relay.table()).await;
    relay.is(Mood::LosesCreates);
    let visitor: Visitor<'_> = app.visitor().await;
    // More often than a start is tried that fails for a reason of its own.
    for lost in 1..=4 {
        // Each try waits for its turn among all tests.
        until("an answer was lost", || async { (relay.spoilt() >= lost).then_some(()) }).await;
    }
    // Lists are answered as ever, and yet nobody else should start now.
    app.wait_for("unavailable").await;
    let view = visitor.view().await;
    assert_eq!(view["state"], "starting", "{view}");
    assert!(view["phase"]["message"].is_string(), "{view}");
    relay.is(Mood::Well);
    visitor.wait_for("running").await;
    app.wait_for("open").await;
    let mark = lxd::instance(&visitor.container().await).await.expect("a container");
    let mark = mark["config"]["user.tryit.server"].clone();
    let all = lxd::ask(Method::GET, "/instances?recursion=1", None).await.expect("a list");
    let all = all.as_array().expect("a list").iter();
    assert_eq!(all.filter(|one| one["config"]["user.tryit.server"] == mark).count(), 1);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_said_once_and_not_to_the_log_by_everybody_who_comes_back() {
    let made = turn().await;
    let relay = Relay::start();
    let program = Program::start_in(new_directory(), &relay.table()).await;
    let visitor = program.app.running_visitor().await;
    drop(made);
    let name = visitor.container().await;
    for outage in 1..=2 {
        relay.is(Mood::Fails);
        for _ in 0..20 {
            assert_eq!(visitor.socket("2?cols=80&rows=24").await.closed().await, 4503);
        }
        let told = program.logged(|event| {
            ["WARN", "ERROR"].iter().any(|level| event["level"] == *level)
                && event.to_string().contains("terminal")
        });
        assert!(told.len() <= outage, "{told:?}");
        relay.is(Mood::Well);
        program.app.wait_for("open").await;
        until("a terminal opens again", || async {
            let mut socket = visitor.socket("1?cols=80&rows=24&new=1").await;
            match socket.next().await {
                Message::Text(frame) => frame.get("hello").map(drop),
                _ => None,
            }
        })
        .await;
    }
    visitor.end().await;
    lxd::gone(&name).await;
}
