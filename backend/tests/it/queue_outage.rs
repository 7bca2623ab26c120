//! The queue while no container can be had: places are kept, none is given away, and it goes on by itself.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Daemon, TestApp, Visitor, app::lxd_table, until};

async fn waiting<'a>(app: &'a TestApp) -> Visitor<'a> {
    let visitor = app.visitor().await;
    assert_eq!(visitor.view().await["state"], "queued");
    visitor
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_offers_nothing_takes_nothing_and_honours_what_was_offered() {
    let daemon = Daemon::start("queue-outage").await;
    let limits = "[session]\nper_address = 100\nper_network = 100\nper_hour = 100\nmax = 2\n\
                  [queue]\nclaim_seconds = 300\n";
    let app = TestApp::start(&format!("{}{limits}", lxd_table(&daemon.socket))).await;
    let (first, second) = (app.running_visitor().await, app.running_visitor().await);
    let (gives_up, claims, waits) = (waiting(&app).await, waiting(&app).await, waiting(&app).await);
    first.end().await;
    second.end().await;
    gives_up.wait_for("offered").await;
    claims.wait_for("offered").await;
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
    assert_eq!((status.as_u16(), &claimed["state"]), (200, &json!("starting")), "{claimed}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let view = waits.view().await;
    assert_eq!((&view["state"], &view["position"]), (&json!("queued"), &json!(1)));
    assert_eq!(view["eta_seconds"], Value::Null);
    assert_eq!(claims.view().await["state"], "starting", "its time stands still");

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
