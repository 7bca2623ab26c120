//! Which hosts are answered, which origins may change anything, what every answer carries.

use reqwest::Method;
use serde_json::json;

use crate::support::{Socket, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn only_known_hosts_are_answered() {
    let app = TestApp::start("[server]\nhosts = [\"try.example.org\"]\n").await;
    let status =
        |host: &'static str| app.ask(app.request(Method::GET, "/status").header("host", host));
    assert_eq!(status("localhost").await.0, 200);
    assert_eq!(status("try.example.org").await.0, 200);
    let (code, body) = status("rebound.example").await;
    assert_eq!((code.as_u16(), &body["error"]["code"]), (421, &json!("unknown_host")));
    let health =
        app.http.get(format!("http://{}/healthz", app.address)).header("host", "rebound.example");
    assert_eq!(health.send().await.expect("an answer").status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_changes_nothing() {
    let app = TestApp::start("").await;
    let body = json!({"terms_hash": app.terms().await});
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let request = app.request(Method::POST, "/sessions").header(name, value).json(&body);
        let (status, answer) = app.ask(request).await;
        assert_eq!(
            (status.as_u16(), &answer["error"]["code"]),
            (403, &json!("origin_refused")),
            "{value}"
        );
    }
    assert_eq!(app.get("/status").await["sessions"]["active"], 0);
    let reading = app.request(Method::GET, "/status").header("origin", "https://evil.example");
    assert_eq!(app.ask(reading).await.0, 200, "reading is kept apart by the browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_of_another_origin_or_host_is_refused_before_the_upgrade() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let path = format!("/api/v1/sessions/{}/terminals/1?cols=80&rows=24", visitor.id);
    let protocols = format!("tryit.v1, bearer.{}", visitor.token);
    for (header, expected) in
        [(("origin", "https://evil.example"), 403), (("host", "rebound.example"), 421)]
    {
        let headers = [("sec-websocket-protocol", protocols.as_str()), header];
        let refused = Socket::open(app.address, &path, &headers).await.err().expect("a refusal");
        let tokio_tungstenite::tungstenite::Error::Http(response) = *refused else {
            panic!("{refused}")
        };
        assert_eq!(response.status().as_u16(), expected);
    }
    let own = format!("http://{}", app.address);
    let headers = [("sec-websocket-protocol", protocols.as_str()), ("origin", own.as_str())];
    let socket = Socket::open(app.address, &path, &headers).await.expect("a websocket");
    socket.greeted().await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_may_be_framed_only_where_configured() {
    let app = TestApp::start("frame_ancestors = [\"https://docs.example\"]\n").await;
    for (path, ancestors) in [
        ("/e/first", "frame-ancestors https://docs.example"),
        ("/t/first", "frame-ancestors 'none'"),
        ("/", "frame-ancestors 'none'"),
        ("/embed", "frame-ancestors 'none'"),
        ("/api/v1/status", "frame-ancestors 'none'"),
        ("/nothing/here", "frame-ancestors 'none'"),
    ] {
        let answer =
            app.http.get(format!("http://{}{path}", app.address)).send().await.expect("an answer");
        let policy = answer.headers()["content-security-policy"].to_str().expect("a text");
        assert!(policy.ends_with(ancestors), "{path}: {policy}");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{path}: {policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_a_browser_must_not_do() {
    let app = TestApp::start("").await;
    let paths = [
        "/",
        "/t/first",
        "/e/first",
        "/embed",
        "/operator",
        "/embed.js",
        "/favicon.ico",
        "/assets/none.js",
        "/nothing/here",
        "/healthz",
        "/readyz",
        "/api/v1/status",
        "/api/v1/tutorials/first",
        "/api/v1/tutorials/first/files/none.png",
        "/api/v1/operator/feedback",
        "/api/v1/nothing",
    ];
    for path in paths {
        let answer =
            app.http.get(format!("http://{}{path}", app.address)).send().await.expect("an answer");
        let header = |name: &str| {
            let value = answer.headers().get(name).unwrap_or_else(|| panic!("{path} lacks {name}"));
            value.to_str().expect("a text").to_owned()
        };
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'self'"), "{path}: {policy}");
        assert!(policy.contains("object-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("base-uri 'none'"), "{path}: {policy}");
        // The page's own module, and no text that becomes a script.
        let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src"));
        assert_eq!(scripts.map(str::trim), Some("script-src 'self' 'wasm-unsafe-eval'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        // One script is for other sites to load.
        let resource = if path == "/embed.js" { "cross-origin" } else { "same-origin" };
        assert_eq!(header("cross-origin-resource-policy"), resource, "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
    let page = app.http.get(format!("http://{}/", app.address)).send().await.expect("an answer");
    let html = page.text().await.expect("a page");
    for script in html.split("<script").skip(1) {
        let (tag, text) = script.split_once('>').expect("a whole tag");
        assert!(tag.contains("src=\"/assets/") && text.starts_with("</script>"), "{tag}");
    }
    assert!(!html.contains(" onload=") && !html.contains("javascript:"), "no inline script");
}
