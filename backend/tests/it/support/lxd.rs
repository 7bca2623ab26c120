//! LXD asked directly: what the service says of it is compared with what it says itself.

use reqwest::Method;
use serde_json::{Value, json};

use super::{http, until};

/// The private daemon's socket. Without one there is nothing to test against, and that is a failure.
pub fn socket() -> String {
    std::env::var("TRYIT_TEST_LXD_SOCKET").expect(
        "TRYIT_TEST_LXD_SOCKET names no LXD: run `make test`, or: eval \"$(scripts/lxd-private start)\"",
    )
}

/// Any request; the `metadata` of the answer, or none for 404. Operations are awaited.
pub async fn ask(method: Method, path: &str, body: Option<Value>) -> Option<Value> {
    ask_at(&socket(), method, path, body).await
}

/// The same of another daemon.
pub async fn ask_at(
    socket: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Option<Value> {
    let client = http().unix_socket(socket).build().expect("a client");
    let mut request = client.request(method, format!("http://lxd/1.0{path}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer: Value = request.send().await.expect("LXD").json().await.expect("JSON");
    if answer["error_code"] == 404 {
        return None;
    }
    assert_ne!(answer["type"], "error", "{path}: {answer}");
    if answer["type"] == "async" {
        let operation = answer["operation"].as_str().expect("an operation");
        let operation = operation.split('?').next().expect("a path");
        let wait = client.get(format!("http://lxd{operation}/wait")).send().await.expect("LXD");
        let done: Value = wait.json().await.expect("JSON");
        assert_eq!(done["metadata"]["status"], "Success", "{path}: {done}");
        return Some(done["metadata"].clone());
    }
    Some(answer["metadata"].clone())
}

/// A container, or none.
pub async fn instance(name: &str) -> Option<Value> {
    ask(Method::GET, &format!("/instances/{name}"), None).await
}

/// Waits until a container is gone.
pub async fn gone(name: &str) {
    until(&format!("{name} is gone"), || async { instance(name).await.is_none().then_some(()) })
        .await;
}

/// Makes a stopped container from the shell image, past the service.
pub async fn make(name: &str, config: Value) {
    let body = json!({"name": name, "source": {"type": "image", "alias": "tryit-shell"}, "config": config});
    ask(Method::POST, "/instances", Some(body)).await.expect("a container");
}

/// Deletes a stopped container, past the service.
pub async fn remove(name: &str) {
    ask(Method::DELETE, &format!("/instances/{name}"), None).await;
}

/// Writes a file into a container, past the service.
pub async fn write_file(name: &str, path: &str, content: &str) {
    let client = http().unix_socket(socket()).build().expect("a client");
    let url = format!("http://lxd/1.0/instances/{name}/files?path={path}");
    let answer = client.post(url).body(content.to_owned()).send().await.expect("LXD");
    assert_eq!(answer.status(), 200, "{path}");
}

/// Changes the server's own database: for what no request can say.
pub async fn internal_sql(query: &str) {
    let client = http().unix_socket(socket()).build().expect("a client");
    let body = json!({"database": "global", "query": query});
    let answer = client.post("http://lxd/internal/sql").json(&body).send().await.expect("LXD");
    let answer = answer.text().await.expect("an answer");
    assert!(answer.contains("\"rows_affected\":1"), "{answer}");
}
