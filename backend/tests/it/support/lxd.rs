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
    try_ask_at(socket, method, path, body).await.expect("LXD does it")
}

/// The same of a daemon that may be away, or may refuse: the error says why.
pub async fn try_ask_at(
    socket: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<Option<Value>, String> {
    let client = http().unix_socket(socket).build().expect("a client");
    let send = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.map_err(|error| format!("{path}: {error}"))?;
        answer.json::<Value>().await.map_err(|error| format!("{path}: {error}"))
    };
    let mut request = client.request(method, format!("http://lxd/1.0{path}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = send(request).await?;
    if answer["error_code"] == 404 {
        return Ok(None);
    }
    if answer["type"] == "error" {
        return Err(format!("{path}: {answer}"));
    }
    if answer["type"] == "async" {
        let operation = answer["operation"].as_str().expect("an operation");
        let operation = operation.split('?').next().expect("a path");
        let done = send(client.get(format!("http://lxd{operation}/wait"))).await?;
        let is_done = done["metadata"]["status"] == "Success";
        return if is_done {
            Ok(Some(done["metadata"].clone()))
        } else {
            Err(format!("{path}: {done}"))
        };
    }
    Ok(Some(answer["metadata"].clone()))
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

/// Deletes a stopped container, past the service, which may be quicker.
pub async fn delete(name: &str) {
    let client = http().unix_socket(socket()).build().expect("a client");
    let url = format!("http://lxd/1.0/instances/{name}");
    client.delete(url).send().await.expect("LXD");
    gone(name).await;
}

/// Runs a command in a container, past the service.
pub async fn run(name: &str, command: &[&str]) {
    let body = json!({"command": command, "record-output": false, "wait-for-websocket": false});
    ask(Method::POST, &format!("/instances/{name}/exec"), Some(body)).await.expect("a container");
}

/// An image of the test's own, which differs from all others, perhaps with an alias; its fingerprint.
pub async fn own_image(alias: &str) -> String {
    let name = format!("image-{}", domain::SessionId::random());
    make(&name, json!({})).await;
    let aliases = if alias.is_empty() { json!([]) } else { json!([{"name": alias}]) };
    let body = json!({"source": {"type": "instance", "name": name}, "aliases": aliases, "properties": {"own": name}});
    let done = ask(Method::POST, "/images", Some(body)).await.expect("an image");
    remove(&name).await;
    done["metadata"]["fingerprint"].as_str().expect("a fingerprint").to_owned()
}

/// Writes a file into a container, past the service.
pub async fn write_file(name: &str, path: &str, content: &str) {
    assert!(try_write_file(name, path, content).await, "{path}");
}

/// The same, where the container may not be there yet, or not any more.
pub async fn try_write_file(name: &str, path: &str, content: &str) -> bool {
    let client = http().unix_socket(socket()).build().expect("a client");
    let url = format!("http://lxd/1.0/instances/{name}/files?path={path}");
    client.post(url).body(content.to_owned()).send().await.expect("LXD").status() == 200
}

/// Changes the server's own database: for what no request can say.
pub async fn internal_sql(query: &str) {
    let client = http().unix_socket(socket()).build().expect("a client");
    let body = json!({"database": "global", "query": query});
    let answer = client.post("http://lxd/internal/sql").json(&body).send().await.expect("LXD");
    let answer = answer.text().await.expect("an answer");
    assert!(answer.contains("\"rows_affected\":1"), "{answer}");
}
