//! How many sessions there were, of how many visitors, as operators are told.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Operator, TestApp, Visitor, operators::ann};

/// Two places, and every client is believed to be who it says.
fn service() -> String {
    format!(
        "trusted_networks = [\"127.0.0.0/8\"]\n[session]\nmax = 2\nper_address = 100\nper_network = 100\n{}",
        ann()
    )
}

async fn start<'a>(app: &'a TestApp, address: &str) -> Visitor<'a> {
    let request = app
        .request(Method::POST, "/sessions")
        .header("x-forwarded-for", address)
        .json(&json!({"terms_hash": app.terms().await}));
    let (status, body) = app.ask(request).await;
    assert_eq!(status, 201, "{body}");
    Visitor::new(app, &body)
}

/// Sessions, those that started, and visitors.
fn counts(counted: &Value) -> [Option<u64>; 3] {
    ["sessions", "started", "visitors"].map(|key| counted[key].as_u64())
}

async fn count(ann: &Operator<'_>, query: &str) -> [Option<u64>; 3] {
    counts(&ann.get(&format!("/statistics{query}")).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_visitors_are_counted_by_period_and_network() {
    let app = TestApp::start(&service()).await;
    let ann = Operator::ann(&app);
    let none = ann.get("/statistics?unique=true").await;
    assert_eq!((counts(&none), &none["ended"]), ([Some(0); 3], &json!({})));
    assert!(none.get("from").is_none() && none.get("mean_run_ms").is_none(), "{none}");
    assert_eq!(ann.get("/statistics?period=current").await["states"], json!({}));

    let (first, second) =
        (start(&app, "198.51.100.7").await, start(&app, "::ffff:198.51.100.7").await);
    for visitor in [&first, &second] {
        visitor.wait_for("running").await;
    }
    let third = start(&app, "2001:db8::1").await;
    let now = ann.get("/statistics?period=current&unique=true").await;
    assert_eq!(counts(&now), [Some(3), Some(2), Some(2)]);
    assert_eq!(now["states"], json!({"queued": 1, "running": 2}));
    assert!(now.get("series").is_none() && now.get("ended").is_none(), "{now}");
    third.end().await;
    first.leave().await;

    for (period, bucket, pieces) in [
        ("total", "month", 1..=2),
        ("hour", "minute", 60..=60),
        ("day", "hour", 24..=24),
        ("week", "day", 7..=7),
        ("month", "day", 30..=30),
        ("year", "month", 12..=12),
    ] {
        let all = ann.get(&format!("/statistics?period={period}&unique=true")).await;
        assert_eq!(counts(&all), [Some(3), Some(2), Some(2)], "{all}");
        assert_eq!(all["ended"], json!({"ended_by_visitor": 2}), "{period}");
        assert!(all["mean_run_ms"].as_u64().is_some(), "{all}");
        assert_eq!((&all["period"], &all["bucket"]), (&json!(period), &json!(bucket)));
        let series = all["series"].as_array().expect("pieces");
        assert!(pieces.contains(&series.len()), "{period}: {}", series.len());
        let sum = |key: &str| series.iter().filter_map(|piece| piece[key].as_u64()).sum::<u64>();
        assert_eq!((sum("sessions"), sum("started")), (3, 2), "{period}");
        assert!(all["from"].as_str() <= all["to"].as_str() && all["from"].is_string());

        let of = async |network: &str| {
            let query = format!("/statistics?period={period}&unique=true&network={network}");
            ann.get(&query).await
        };
        let four = of("198.51.100.9/24").await;
        assert_eq!(counts(&four), [Some(2), Some(2), Some(1)], "{four}");
        assert!(four.get("ended").is_none() && four.get("mean_run_ms").is_none(), "{four}");
        assert_eq!(four["network"], "198.51.100.0/24");
        let mapped = of("::ffff:198.51.100.7").await;
        assert_eq!(
            (counts(&mapped), &mapped["network"]),
            (counts(&four), &json!("198.51.100.7/32"))
        );
        let six = of("2001:db8::ff").await;
        assert_eq!(counts(&six), [Some(1), Some(0), Some(1)], "{six}");
        assert_eq!(six["network"], "2001:db8::/64", "whoever else of it is the same visitor");
        assert_eq!(counts(&of("192.0.2.0/24").await), [Some(0); 3]);
    }
    let one = "?period=current&network=198.51.100.0/24";
    assert_eq!(count(&ann, one).await, [Some(1), Some(1), None], "visitors only when asked for");
    second.leave().await;

    // What was counted stays over a restart.
    let before = count(&ann, "?unique=true").await;
    let (directory, stopped) = app.stop().await;
    stopped.expect("a clean stop");
    let app = TestApp::start_in(directory, &service()).await;
    assert_eq!(count(&Operator::ann(&app), "?unique=true").await, before);
    assert_eq!(count(&Operator::ann(&app), "?period=current").await, [Some(0), Some(0), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_makes_no_sense_is_refused() {
    let app = TestApp::start(&ann()).await;
    let ann = Operator::ann(&app);
    for (query, word) in [
        ("period=decade", "decade"),
        ("unique=perhaps", "`true`"),
        ("network=everybody", "network"),
        ("network=198.51.100.0/33", "network"),
        ("network=", "network"),
        ("colour=red", "colour"),
    ] {
        let (status, answer) = ann.ask(Method::GET, &format!("/statistics?{query}"), None).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!("invalid_request")), "{query}");
        assert!(answer["error"].to_string().contains(word), "{query}: {answer}");
    }
    let (status, answer) = ann.ask(Method::POST, "/statistics", Some(json!({}))).await;
    assert_eq!((status, &answer["error"]["code"]), (405, &json!("method_not_allowed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_are_all_answered_and_leave_visitors_alone() {
    let app = TestApp::start(&ann()).await;
    let ann = Operator::ann(&app);
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let asked = (0..25).map(|_| ann.get("/statistics?period=hour&network=127.0.0.1&unique=true"));
    // Some go away before they are answered.
    let gone = (0..25).map(|_| {
        let asked = ann.get("/statistics?period=day&unique=true");
        tokio::time::timeout(std::time::Duration::from_millis(1), asked)
    });
    let (all, _, answer, view) =
        tokio::join!(join_all(asked), join_all(gone), terminal.run("echo on"), visitor.view());
    assert_eq!((answer.as_str(), &view["state"]), ("on", &json!("running")));
    for counted in &all {
        assert_eq!(counts(counted), [Some(1), Some(1), Some(1)], "{counted}");
    }
    visitor.leave().await;
}
