//! Bad input of each kind gets its code, changes nothing, and the service goes on.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::TestApp;

async fn refused(
    app: &TestApp,
    request: RequestBuilder,
    status: u16,
    code: &str,
    field: Option<&str>,
) {
    let (got, body) = app.ask(request).await;
    assert_eq!((got.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(body["error"]["field"].as_str(), field, "{body}");
    assert!(body["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_makes_no_sense_is_refused() {
    let app = TestApp::start("").await;
    let terms = app.terms().await;
    let post = || app.request(Method::POST, "/sessions");
    refused(&app, post().json(&json!({})), 400, "invalid_request", Some("terms_hash")).await;
    refused(
        &app,
        post().json(&json!({"terms_hash": terms, "colour": 1})),
        400,
        "invalid_request",
        Some("colour"),
    )
    .await;
    refused(&app, post().json(&json!({"terms_hash": 1})), 400, "invalid_request", None).await;
    let unknown = json!({"terms_hash": terms, "tutorial": "nothing"});
    refused(&app, post().json(&unknown), 400, "invalid_request", Some("tutorial")).await;
    let long = json!({"terms_hash": terms, "ref": "x".repeat(201)});
    refused(&app, post().json(&long), 400, "invalid_request", Some("ref")).await;
    let json_type = ("content-type", "application/json");
    refused(&app, post().header(json_type.0, json_type.1).body("{"), 400, "invalid_request", None)
        .await;
    refused(&app, post().header(json_type.0, json_type.1).body("[]"), 400, "invalid_request", None)
        .await;
    refused(&app, post().body("{}"), 415, "unsupported_type", None).await;
    let large = format!("{{\"terms_hash\": \"{}\"}}", "x".repeat(70_000));
    refused(&app, post().header(json_type.0, json_type.1).body(large), 413, "too_large", None)
        .await;
    let key = post().header("idempotency-key", "short").json(&json!({"terms_hash": terms}));
    refused(&app, key, 400, "invalid_request", Some("Idempotency-Key")).await;
    assert_eq!(app.get("/status").await["sessions"]["active"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_so() {
    let app = TestApp::start("").await;
    refused(&app, app.request(Method::GET, "/nothing"), 404, "not_found", None).await;
    refused(&app, app.request(Method::GET, "/tutorials/nothing"), 404, "not_found", None).await;
    refused(
        &app,
        app.request(Method::GET, "/tutorials/first/files/../../tryit.db"),
        404,
        "not_found",
        None,
    )
    .await;
    refused(&app, app.request(Method::POST, "/status"), 405, "method_not_allowed", None).await;
    refused(&app, app.request(Method::PATCH, "/sessions/x"), 405, "method_not_allowed", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_at_a_page_that_is_not_there_gets_one() {
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let app = TestApp::start("").await;
    let kind = async |method: Method, path: &str, accept: &str| {
        let request = app.http.request(method, format!("http://{}{path}", app.address));
        let answer = request.header("accept", accept).send().await.expect("an answer");
        assert_eq!(answer.status(), 404, "{path} {accept}");
        assert!(
            answer.headers()["content-security-policy"]
                .to_str()
                .is_ok_and(|it| it.contains("'self'"))
        );
        answer.headers()["content-type"].to_str().expect("text").to_owned()
    };
    for path in ["/nothing", "/operators/nothing.html", "/assets/nothing.js", "/%2e%2e/etc/passwd"]
    {
        assert_eq!(kind(Method::GET, path, BROWSER).await, "text/html", "{path}");
        assert_eq!(kind(Method::GET, path, "*/*").await, "application/json", "{path}");
        assert_eq!(kind(Method::POST, path, BROWSER).await, "application/json", "{path}");
    }
    for path in ["/api/v1/nothing", "/api/v1/sessions/x/nothing", "/api/nothing"] {
        assert_eq!(kind(Method::GET, path, BROWSER).await, "application/json", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_answers_its_own_token_only() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let other = app.visitor().await;
    let path = format!("/sessions/{}", visitor.id);
    refused(&app, app.request(Method::GET, &path), 401, "unauthorized", None).await;
    refused(
        &app,
        app.request(Method::GET, &path).bearer_auth(&other.token),
        401,
        "unauthorized",
        None,
    )
    .await;
    refused(&app, app.request(Method::DELETE, &path).bearer_auth("x"), 401, "unauthorized", None)
        .await;
    let unknown = "/sessions/00000000-0000-4000-8000-000000000000";
    refused(
        &app,
        app.request(Method::GET, unknown).bearer_auth(&visitor.token),
        401,
        "unauthorized",
        None,
    )
    .await;
    refused(
        &app,
        app.request(Method::GET, "/sessions/x").bearer_auth(&visitor.token),
        401,
        "unauthorized",
        None,
    )
    .await;
    assert_eq!(visitor.view().await["state"], "running");
    visitor.leave().await;
    other.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_tell_the_session_from_its_start_to_its_end() {
    let app = TestApp::start("").await;
    let visitor = app.visitor().await;
    let mut stream = visitor.request(Method::GET, "/updates").send().await.expect("a stream");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    let mut text = String::new();
    while !text.contains("\"state\":\"running\"") {
        text += &String::from_utf8_lossy(&stream.chunk().await.expect("a stream").expect("more"));
    }
    visitor.end().await;
    while let Some(chunk) = stream.chunk().await.expect("a stream") {
        text += &String::from_utf8_lossy(&chunk);
    }
    let views: Vec<serde_json::Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|json| serde_json::from_str(json).expect("JSON"))
        .collect();
    assert!(views.len() >= 3, "{text}");
    assert_eq!(views.last().expect("a view")["state"], "ended");
    assert!(views.iter().any(|view| view["phase"]["message"].is_string()), "{text}");
    assert!(!text.contains(&visitor.token));
}
