//! What visitors say, and who may read it.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::TestApp;

/// Operator tokens, and the configuration that holds their hashes.
fn operators() -> String {
    let hash = |token: &str| {
        Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let table = |name: &str, scope: &str, more: &str| {
        format!(
            "[[operator]]\nname = \"{name}\"\nhash = \"sha256:{}\"\nscopes = [\"{scope}\"]\n{more}",
            hash(&format!("tryit_op_{name}"))
        )
    };
    table("reader", "feedback:read", "")
        + &table("other", "statistics:read", "")
        + &table("old", "feedback:read", "expires = 2020-01-01\n")
}

async fn read(app: &TestApp, query: &str, token: &str) -> (u16, Value) {
    let request = app
        .request(Method::GET, &format!("/operator/feedback{query}"))
        .bearer_auth(format!("tryit_op_{token}"));
    let (status, body) = app.ask(request).await;
    (status.as_u16(), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_reaches_the_operator_page_by_page() {
    let app = TestApp::start(&operators()).await;
    for (rating, message) in [(5, "good"), (1, "=HYPERLINK(\"x\")"), (3, "so, \"so\"\nlala")] {
        let visitor = app.visitor().await;
        let (status, body) = visitor.ask(Method::GET, "/feedback").await;
        assert_eq!((status.as_u16(), &body["error"]["code"]), (404, &json!("not_found")));
        let feedback =
            json!({"rating": rating, "message": message, "email": "", "email_consent": false});
        let (status, body) =
            app.ask(visitor.request(Method::PUT, "/feedback").json(&feedback)).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body, json!({"rating": rating, "message": message, "email_consent": false}));
        visitor.end().await;
        assert_eq!(
            visitor.ask(Method::GET, "/feedback").await.1["rating"],
            rating,
            "after the end, too"
        );
    }
    let (status, first) = read(&app, "?limit=2", "reader").await;
    assert_eq!(status, 200, "{first}");
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let (_, second) = read(&app, &format!("?limit=2&cursor={cursor}"), "reader").await;
    assert!(second.get("next_cursor").is_none());
    let rating = |page: &Value| {
        page["items"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row["rating"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!([rating(&first), rating(&second)].concat(), [json!(3), json!(1), json!(5)]);
    assert_eq!(first["items"][0]["tutorial"], "first");
    assert_eq!(rating(&read(&app, "?rating=1", "reader").await.1), [json!(1)]);
    assert_eq!(rating(&read(&app, "?q=GOOD", "reader").await.1), [json!(5)]);
    assert_eq!(
        rating(&read(&app, "?to=2020-01-01T00:00:00Z", "reader").await.1),
        Vec::<Value>::new()
    );
    let csv = app
        .request(Method::GET, "/operator/feedback")
        .bearer_auth("tryit_op_reader")
        .header("accept", "text/csv");
    let csv = csv.send().await.expect("an answer").text().await.expect("text");
    for (accept, kind) in [
        ("application/json, text/csv;q=0.5", "application/json"),
        ("text/csv;q=0, */*", "application/json"),
        ("text/csvx", "application/json"),
        ("text/*;q=0.9, application/json;q=0.1", "text/csv; charset=utf-8"),
    ] {
        let request = app.request(Method::GET, "/operator/feedback").header("accept", accept);
        let answer = request.bearer_auth("tryit_op_reader").send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], kind, "{accept}");
    }
    assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{csv}");
    assert!(csv.contains("\"so, \"\"so\"\"\nlala\""), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_kept_with_consent_only() {
    let app = TestApp::start(&operators()).await;
    let visitor = app.visitor().await;
    for (body, field) in [
        (json!({"rating": 0}), "rating"),
        (json!({"rating": 6}), "rating"),
        (json!({"rating": 4, "message": "x".repeat(4001)}), "message"),
        (json!({"rating": 4, "email": "nobody"}), "email"),
        (json!({"rating": 4, "email": "a@b.example"}), "email_consent"),
        (json!({"rating": 4, "email": "a\0@b.example", "email_consent": true}), "email"),
        (json!({"rating": 4, "email": "elpmaxe.b@a\u{202e}", "email_consent": true}), "email"),
        (json!({"rating": 4, "stars": 4}), "stars"),
    ] {
        let (status, answer) = app.ask(visitor.request(Method::PUT, "/feedback").json(&body)).await;
        assert_eq!(
            (status.as_u16(), answer["error"]["field"].as_str()),
            (400, Some(field)),
            "{answer}"
        );
    }
    let body = json!({"rating": 4, "message": "fine\0\u{202e}\u{2067}\u{7}\r\nלא רע"});
    let (status, kept) = app.ask(visitor.request(Method::PUT, "/feedback").json(&body)).await;
    assert_eq!(
        (status.as_u16(), &kept["message"]),
        (200, &json!("fine\nלא רע")),
        "what nobody sees is left out"
    );
    let body = json!({"rating": 4, "email": "a@b.example", "email_consent": true});
    assert_eq!(app.ask(visitor.request(Method::PUT, "/feedback").json(&body)).await.0, 200);
    assert_eq!(read(&app, "?q=a@b", "reader").await.1["items"][0]["email"], "a@b.example");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_closes_some_time_after_the_end() {
    let app = TestApp::start("[feedback]\nwindow = \"1s\"\n").await;
    let visitor = app.visitor().await;
    visitor.end().await;
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    let (status, body) =
        app.ask(visitor.request(Method::PUT, "/feedback").json(&json!({"rating": 4}))).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (410, &json!("feedback_closed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_expired_or_unscoped_token_reads_nothing_and_guessing_is_throttled() {
    let app = TestApp::start(&operators()).await;
    let (status, body) = app.ask(app.request(Method::GET, "/operator/feedback")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (401, &json!("unauthorized")));
    assert_eq!(read(&app, "", "old").await.0, 401);
    let (status, body) = read(&app, "", "other").await;
    assert_eq!((status, &body["error"]["code"]), (403, &json!("forbidden")));
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(read(&app, "", "guess").await.0);
    }
    assert_eq!(codes[0], 401);
    assert_eq!(codes[19], 429, "{codes:?}");
    assert_eq!(read(&app, "", "reader").await.0, 200, "a valid token always passes");
}
