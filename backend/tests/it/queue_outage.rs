//! The queue while no place can be given away: each is kept, none is offered, and it goes on by itself.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Daemon, Operator, TestApp, Visitor, app::lxd_table, operators::ann, until};

async fn waiting<'a>(app: &'a TestApp) -> Visitor<'a> {
    let visitor = app.visitor().await;
    assert_eq!(visitor.view().await["state"], "queued");
    visitor
}

const LIMITS: &str = "[session]\nper_address = 100\nper_network = 100\nper_hour = 100\nmax = 2\n\
                      [queue]\nclaim_seconds = 300\n";

/// Two visitors who are offered a place each, and one who waits behind them.
async fn two_offers(app: &TestApp) -> [Visitor<'_>; 3] {
    let running = [app.running_visitor().await, app.running_visitor().await];
    let line = [waiting(app).await, waiting(app).await, waiting(app).await];
    for visitor in &running {
        visitor.end().await;
    }
    for visitor in &line[..2] {
        visitor.wait_for("offered").await;
    }
    line
}

/// Sees to it that the place that is free is not given away.
async fn waits_in_vain(visitor: &Visitor<'_>) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let view = visitor.view().await;
    assert_eq!((&view["state"], &view["position"]), (&json!("queued"), &json!(1)));
    assert_eq!(view["eta_seconds"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_offers_nothing_takes_nothing_and_honours_what_was_offered() {
    let daemon = Daemon::start("queue-outage").await;
    let app = TestApp::start(&format!("{}{LIMITS}", lxd_table(&daemon.socket))).await;
    let [gives_up, claims, waits] = two_offers(&app).await;
    let mut stream = waits.updates().await;
    stream.until("an estimate", |view| view["eta_seconds"].is_u64()).await;

    daemon.kill().await;
    until("the service says so", || async {
        (app.get("/status").await["state"] == "unavailable").then_some(())
    })
    .await;
    stream.until("no estimate", |view| view["eta_seconds"].is_null()).await;
    // A place is free, and could not be had.
    gives_up.end().await;
    let (status, claimed) = claims.ask(Method::POST, "/claim").await;
    assert_eq!(status, 200, "{claimed}");
    waits_in_vain(&waits).await;
    let state = claims.view().await["state"].clone();
    assert!(state == "starting" || state == "running", "its time stands still: {state}");

    daemon.restart().await;
    stream.state("offered").await;
    claims.wait_for("running").await;
    let (status, _) = waits.ask(Method::POST, "/claim").await;
    assert_eq!(status, 200);
    waits.wait_for("running").await;
    for visitor in [claims, waits] {
        visitor.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_offers_nothing_takes_nothing_and_honours_what_was_offered() {
    let app = TestApp::start(&format!("{LIMITS}{}", ann())).await;
    let [gives_up, claims, waits] = two_offers(&app).await;
    let mut stream = waits.updates().await;
    stream.until("an estimate", |view| view["eta_seconds"].is_u64()).await;

    let ann = Operator::ann(&app);
    ann.put_maintenance(json!({"on": true})).await;
    stream.until("no estimate", |view| view["eta_seconds"].is_null()).await;
    gives_up.end().await;
    assert_eq!(claims.ask(Method::POST, "/claim").await.0, 200);
    waits_in_vain(&waits).await;
    claims.wait_for("running").await;

    ann.put_maintenance(json!({"on": false})).await;
    stream.state("offered").await;
    waits.end().await;
    claims.leave().await;
}
