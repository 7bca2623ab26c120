//! Who gets in: limits are exact, whoever asks at once and whatever they claim to be.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_against_a_limit_of_five_give_exactly_five() {
    let app = TestApp::start(
        "[session]\nmax = 5\nper_address = 100\nper_network = 100\nper_hour = 1000\n[queue]\nmax = 0\n",
    )
    .await;
    let body = json!({"terms_hash": app.terms().await});
    let answers = join_all((0..50).map(|_| app.try_start(body.clone()))).await;
    let (started, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(status, _)| *status == StatusCode::CREATED);
    assert_eq!(started.len(), 5);
    assert!(
        refused
            .iter()
            .all(|(status, body)| *status == 503 && body["error"]["code"] == "queue_full"),
        "{refused:?}"
    );
    let status = app.get("/status").await;
    assert_eq!(
        (&status["state"], &status["sessions"]),
        (&json!("full"), &json!({"active": 5, "max": 5}))
    );
    let visitors: Vec<_> = started.iter().map(|(_, body)| Visitor::new(&app, body)).collect();
    let views = join_all(visitors.iter().map(|visitor| visitor.wait_for("running"))).await;
    let mut names: Vec<_> = views.iter().map(|view| view["name"].to_string()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5, "each has a container of its own");
    join_all(visitors.iter().map(Visitor::leave)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claimed_address_is_not_believed() {
    let app = TestApp::start("[session]\nper_address = 1\n").await;
    let body = json!({"terms_hash": app.terms().await});
    let first = app.try_start(body.clone()).await;
    assert_eq!(first.0, 201);
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
    ] {
        let request = app.request(Method::POST, "/sessions").header(name, value).json(&body);
        let (status, answer) = app.ask(request).await;
        assert_eq!(
            (status.as_u16(), &answer["error"]["code"]),
            (429, &json!("address_limit")),
            "{name}"
        );
        let words = answer["error"]["message"].as_str().expect("words");
        assert!(words.contains("End one of them, or wait"), "{words}");
        let status = app.request(Method::GET, "/status").header(name, value);
        assert_eq!(app.ask(status).await.1["client"]["address"], "127.0.0.1");
    }
    Visitor::new(&app, &first.1).leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_is_believed_and_visitors_behind_it_count_apart() {
    let app =
        TestApp::start("trusted_networks = [\"127.0.0.0/8\"]\n[session]\nper_address = 1\n").await;
    let body = json!({"terms_hash": app.terms().await});
    let start = |from: &'static str| {
        app.ask(app.request(Method::POST, "/sessions").header("x-forwarded-for", from).json(&body))
    };
    let one = start("203.0.113.9").await;
    let two = start("203.0.113.10").await;
    assert_eq!((one.0.as_u16(), two.0.as_u16()), (201, 201));
    let again = start("198.51.100.1, 203.0.113.9").await;
    assert_eq!((again.0.as_u16(), &again.1["error"]["code"]), (429, &json!("address_limit")));
    for started in [one.1, two.1] {
        Visitor::new(&app, &started).leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv4_mapped_peer_is_the_ipv4_one() {
    let more =
        "listen = \"[::]:0\"\npublic_url = \"http://127.0.0.1\"\n[session]\nper_address = 1\n";
    let mut app = TestApp::start_listening(more, "127.0.0.1").await;
    assert_eq!(
        app.get("/status").await["client"],
        json!({"address": "127.0.0.1", "family": "ipv4"})
    );
    let body = json!({"terms_hash": app.terms().await});
    let (status, first) = app.try_start(body.clone()).await;
    assert_eq!(status, 201);
    app.address.set_ip("::1".parse().unwrap());
    let over_ipv6 = app.request(Method::GET, "/status").header("host", "127.0.0.1");
    assert_eq!(app.ask(over_ipv6).await.1["client"], json!({"address": "::1", "family": "ipv6"}));
    app.address.set_ip("127.0.0.1".parse().unwrap());
    assert_eq!(app.try_start(body).await.0, 429);
    Visitor::new(&app, &first).leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_start_with_the_same_key_is_one_session() {
    let app = TestApp::start("").await;
    let body = json!({"terms_hash": app.terms().await});
    let start = || {
        let request = app
            .request(Method::POST, "/sessions")
            .header("idempotency-key", "8a0e6a3e-6a4f-4c0e-9d37-1f1e2d3c4b5a");
        app.ask(request.json(&body))
    };
    let answers = join_all((0..10).map(|_| start())).await;
    assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
    let of = |key: &str| {
        answers
            .iter()
            .map(|(_, body)| body[key].to_string())
            .collect::<std::collections::HashSet<_>>()
    };
    assert_eq!((of("id").len(), of("token").len()), (1, 1));
    assert_eq!(app.get("/status").await["sessions"]["active"], 1);
    let visitor = Visitor::new(&app, &answers[0].1);
    visitor.end().await;
    let (status, late) = start().await;
    assert_eq!(
        (status.as_u16(), &late["state"]),
        (201, &json!("ended")),
        "the same session, whatever its state"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn outdated_terms_are_answered_with_the_new_ones() {
    let app = TestApp::start("").await;
    let (status, body) = app.try_start(json!({"terms_hash": "0".repeat(64)})).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (409, &json!("terms_outdated")));
    let terms: Value = app.get("/terms").await;
    assert_eq!(body["error"]["terms"], terms);
}
