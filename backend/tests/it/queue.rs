//! A full server: visitors wait in order, are told where they stand, and take their place when it is offered.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, Updates, Visitor, app::new_directory, turn, until};

/// Limits that only `max` makes felt.
fn places(max: u32, queue: &str) -> String {
    format!(
        "[session]\nper_address = 1000\nper_network = 1000\nper_hour = 1000\nmax = {max}\n[queue]\n{queue}\n"
    )
}

async fn queued<'a>(app: &'a TestApp, position: u64) -> Visitor<'a> {
    let (status, view) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!(
        (status.as_u16(), &view["state"], &view["position"]),
        (201, &json!("queued"), &json!(position)),
        "{view}"
    );
    Visitor::new(app, &view)
}

async fn claim(visitor: &Visitor<'_>) -> (u16, Value) {
    let (status, body) = visitor.ask(Method::POST, "/claim").await;
    (status.as_u16(), body)
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"]["code"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_wait_in_order_and_each_takes_the_place_that_is_offered() {
    let app = TestApp::start(&places(1, "")).await;
    let first = app.running_visitor().await;
    assert_eq!(code(&claim(&first).await), (409, "wrong_state"), "it never waited");
    let (second, third, fourth) =
        (queued(&app, 1).await, queued(&app, 2).await, queued(&app, 3).await);
    let mut streams = [second.updates().await, third.updates().await, fourth.updates().await];

    // The first place is free when the first session is over, the next one a whole session later.
    let mut told = Vec::new();
    for (stream, position) in streams.iter_mut().zip(1..) {
        told.push(stream.position(position).await["eta_seconds"].as_u64().expect("an estimate"));
    }
    let remaining = first.view().await["remaining_ms"].as_u64().expect("a time") / 1000;
    assert!(told[0].abs_diff(remaining) < 60, "{told:?} {remaining}");
    assert!(
        told[1].abs_diff(told[0] + 1800) < 10 && told[2].abs_diff(told[1] + 1800) < 10,
        "{told:?}"
    );
    let status = app.get("/status").await;
    assert_eq!((&status["state"], &status["queue"]["length"]), (&json!("full"), &json!(3)));
    let next = status["queue"]["eta_seconds"].as_u64().expect("an estimate");
    assert!(next.abs_diff(told[2] + 1800) < 60, "{status}");

    assert_eq!(second.terminal().await.closed().await, 4409);
    assert_eq!(code(&claim(&second).await), (409, "wrong_state"));
    first.end().await;
    let offered = streams[0].state("offered").await;
    assert!(offered["offer_until"].is_string() && offered["position"].is_null(), "{offered}");
    streams[1].position(1).await;
    streams[2].position(2).await;
    assert_eq!(second.terminal().await.closed().await, 4409);
    assert_eq!(code(&claim(&third).await), (409, "wrong_state"), "it is not its turn");

    let (one, other) = tokio::join!(claim(&second), claim(&second));
    assert_eq!((one.0, other.0), (200, 200), "a double click is one claim: {one:?} {other:?}");
    assert_eq!(one.1["offer_until"], Value::Null);
    let mut terminal = second.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo $((6*7))").await, "42");
    assert_eq!(claim(&second).await.0, 200, "so is a late one");
    let views = [third.view().await, fourth.view().await];
    assert!(
        views.iter().all(|view| view["state"] == "queued"),
        "one place, one visitor: {views:?}"
    );

    // Who waits leaves, and whoever is behind moves up.
    third.end().await;
    streams[2].position(1).await;
    assert_eq!(third.view().await["ended_reason"], "ended_by_visitor");
    assert_eq!(code(&claim(&third).await), (410, "session_ended"));
    // Who was offered a place gives it up, and whoever is next gets it.
    let fifth = queued(&app, 2).await;
    second.end().await;
    streams[2].state("offered").await;
    let mut stream = fifth.updates().await;
    fourth.end().await;
    stream.state("offered").await;
    assert_eq!(claim(&fifth).await.0, 200);
    fifth.wait_for("running").await;
    fifth.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_time_while_others_wait() {
    let app = TestApp::start(&places(1, "")).await;
    let first = app.running_visitor().await;
    let second = queued(&app, 1).await;
    let (status, refused) = first.ask(Method::POST, "/extend").await;
    assert_eq!(code(&(status.as_u16(), refused.clone())), (409, "extension_refused"));
    let words = refused["error"]["message"].as_str().expect("words");
    assert!(words.contains("waiting for a place"), "{words}");
    assert_eq!(first.view().await["extensions_left"], 1);
    second.end().await;
    let (status, extended) = first.ask(Method::POST, "/extend").await;
    assert_eq!((status.as_u16(), &extended["extensions_left"]), (200, &json!(0)), "{extended}");
    first.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_and_says_when_to_come_back() {
    let app = TestApp::start(&places(2, "max = 5")).await;
    let body = json!({"terms_hash": app.terms().await});
    let answers = join_all((0..50).map(|_| app.try_start(body.clone()))).await;
    let in_states = |states: &[&str]| -> Vec<&Value> {
        let views = answers.iter().map(|(_, view)| view);
        views.filter(|view| view["state"].as_str().is_some_and(|it| states.contains(&it))).collect()
    };
    let (started, waiting) = (in_states(&["starting", "running"]), in_states(&["queued"]));
    let refused = answers
        .iter()
        .filter(|(status, body)| *status == 503 && body["error"]["code"] == "queue_full");
    assert_eq!((started.len(), waiting.len(), refused.count()), (2, 5, 43));
    let waiting: Vec<_> = waiting.into_iter().map(|view| Visitor::new(&app, view)).collect();
    let views = join_all(waiting.iter().map(Visitor::view)).await;
    let mut positions: Vec<_> = views.iter().filter_map(|view| view["position"].as_u64()).collect();
    positions.sort_unstable();
    assert_eq!(positions, [1, 2, 3, 4, 5]);

    let response = app.request(Method::POST, "/sessions").json(&body).send().await;
    let response = response.expect("an answer");
    let after = response.headers().get("retry-after").expect("an estimate").to_str().expect("text");
    assert!((1..=1900).contains(&after.parse::<u64>().expect("seconds")), "{after}");
    join_all(waiting.iter().map(Visitor::end)).await;
    for view in started {
        let visitor = Visitor::new(&app, view);
        visitor.wait_for("running").await;
        visitor.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_start_with_the_same_key_is_one_place_in_the_queue() {
    let app = TestApp::start(&places(1, "")).await;
    let first = app.running_visitor().await;
    let body = json!({"terms_hash": app.terms().await});
    let start = || {
        let request = app.request(Method::POST, "/sessions");
        let request = request.header("idempotency-key", "0b54f3c2-3a51-4f7e-8f43-0a3c2f1c9d77");
        app.ask(request.json(&body))
    };
    let answers = join_all((0..5).map(|_| start())).await;
    for (status, view) in &answers {
        assert_eq!((status.as_u16(), &view["state"]), (201, &json!("queued")), "{view}");
        assert_eq!((&view["position"], &view["id"]), (&json!(1), &answers[0].1["id"]));
        assert_eq!(view["token"], answers[0].1["token"]);
    }
    assert_eq!(app.get("/status").await["queue"]["length"], 1);
    first.end().await;
    let waiting = Visitor::new(&app, &answers[0].1);
    waiting.wait_for("offered").await;
    assert_eq!(start().await.1["state"], "offered");
    waiting.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_nobody_takes_is_the_next_ones() {
    let app = TestApp::start(&places(1, "claim_seconds = 3")).await;
    let first = app.running_visitor().await;
    let (second, third) = (queued(&app, 1).await, queued(&app, 2).await);
    let (mut one, mut other) = (second.updates().await, third.updates().await);
    first.end().await;
    one.state("offered").await;
    assert_eq!(one.state("ended").await["ended_reason"], "offer_lapsed");
    assert!(one.next().await.is_none(), "nothing comes after the end");
    assert_eq!(code(&claim(&second).await), (410, "session_ended"));
    other.state("offered").await;
    // Nor does this one.
    assert_eq!(other.state("ended").await["ended_reason"], "offer_lapsed");
    until("the place is free", || async {
        (app.get("/status").await["state"] == "open").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_gone_loses_the_place_and_who_listens_or_asks_keeps_it() {
    let app = TestApp::start(&places(1, "")).await;
    let first = app.running_visitor().await;
    let (leaves, asked) = (queued(&app, 1).await, queued(&app, 2).await);
    let (listens, asks) = (queued(&app, 3).await, queued(&app, 4).await);
    let mut stream = leaves.updates().await;
    stream.position(1).await;
    drop(stream);
    let left = Instant::now();
    let mut listening = listens.updates().await;
    let patience = Duration::from_secs(30);
    let losing = async {
        // Sooner than it is written down again.
        tokio::time::sleep(Duration::from_secs(8)).await;
        assert_eq!(asked.view().await["state"], "queued");
        let last_asked = Instant::now();
        listening.position(2).await;
        let left = left.elapsed();
        // How long it takes until somebody is noticed to have gone is a second or two: not as long as 10.
        assert!(left >= patience && left < patience.mul_f64(1.3), "{left:?}");
        listening.position(1).await;
        assert!(last_asked.elapsed() >= patience, "{:?}", last_asked.elapsed());
    };
    let asking = async {
        loop {
            assert_eq!(asks.view().await["state"], "queued");
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    };
    tokio::select! {
        () = losing => {}
        () = asking => {}
    }
    for gone in [leaves, asked] {
        let gone = gone.view().await;
        assert_eq!(gone["ended_reason"], "left_queue", "{gone}");
    }
    assert_eq!(asks.view().await["position"], 2);
    asks.end().await;
    listens.end().await;
    first.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_who_wait_hear_of_a_change_once_at_most() {
    let more = format!("trusted_networks = [\"127.0.0.0/8\"]\n{}", places(1, ""));
    let app = TestApp::start(&more).await;
    let first = app.running_visitor().await;
    let body = json!({"terms_hash": app.terms().await});
    let mut waiting = Vec::new();
    for n in 1..=100_u64 {
        let request = app.request(Method::POST, "/sessions").json(&body);
        let (status, view) = app.ask(request.header("x-forwarded-for", from(n))).await;
        assert_eq!((status.as_u16(), &view["position"]), (201, &json!(n)), "{view}");
        waiting.push(Visitor::new(&app, &view));
    }
    let mut streams = join_all((1..).zip(&waiting).map(|(n, visitor)| async move {
        let request = visitor.request(Method::GET, "/updates");
        let response = request.header("x-forwarded-for", from(n)).send().await.expect("a stream");
        let mut stream = Updates::new(response);
        stream.position(n).await;
        stream
    }))
    .await;
    let before: usize = streams.iter().map(|stream| stream.count).sum();
    join_all(waiting[..10].iter().map(Visitor::end)).await;
    join_all((1..).zip(&mut streams[10..]).map(|(n, stream)| stream.position(n))).await;
    let after: usize = streams.iter().map(|stream| stream.count).sum();
    // Ten changes, which on a quick machine are told as one; never more than that.
    assert!(after - before <= 90 * 10, "{} messages", after - before);
    join_all(waiting[10..].iter().map(Visitor::end)).await;
    first.leave().await;
}

fn from(n: u64) -> String {
    format!("198.51.100.{n}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_keeps_every_place_and_every_offer() {
    let directory = new_directory();
    let app = TestApp::start_program_in(directory.clone(), &places(2, "claim_seconds = 300")).await;
    let (first, other) = {
        let _turn = turn().await;
        (app.running_visitor().await, app.running_visitor().await)
    };
    let (second, third, fourth) =
        (queued(&app, 1).await, queued(&app, 2).await, queued(&app, 3).await);
    first.end().await;
    let offered = second.wait_for("offered").await;
    let ids: Vec<_> = [&second, &third, &fourth, &other]
        .map(|visitor| (visitor.id.clone(), visitor.token.clone()))
        .into();
    app.stop().await.1.expect("killed");

    let app = TestApp::start_program_in(directory.clone(), &places(2, "claim_seconds = 300")).await;
    let visitors: Vec<_> =
        ids.into_iter().map(|(id, token)| Visitor { app: &app, id, token }).collect();
    let [second, third, fourth, other] = &visitors[..] else { panic!("four visitors") };
    let view = second.view().await;
    assert_eq!(
        (&view["state"], &view["offer_until"]),
        (&json!("offered"), &offered["offer_until"])
    );
    assert_eq!(
        (&third.view().await["position"], &fourth.view().await["position"]),
        (&json!(1), &json!(2))
    );
    {
        let _turn = turn().await;
        assert_eq!(claim(second).await.0, 200);
        second.wait_for("running").await;
    }
    assert_eq!(third.view().await["position"], 1, "the place was not offered twice");
    other.leave().await;
    third.wait_for("offered").await;
    third.end().await;
    fourth.end().await;
    second.leave().await;
    app.stop().await.1.expect("killed");
}
