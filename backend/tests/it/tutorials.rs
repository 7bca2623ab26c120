//! The tutorials that ship, walked as a visitor walks them: every command typed, every check asked, every step done
//! for the visitor in another session.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Message, PATIENCE, Socket, TestApp, Visitor};

/// Both sources that the tutorials are made for.
async fn service() -> TestApp {
    let tutorials = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tutorials");
    TestApp::start(&format!(
        "[tutorials]\ndirectory = {tutorials:?}\n\
         [source.shell]\nimage = \"tryit-shell\"\nimage_ids = [\"shell\"]\n\
         [source.lxd]\nimage = \"tryit-lxd\"\nimage_ids = [\"lxd\"]\nnesting = true\nready = [\"lxd-ready\"]\n"
    ))
    .await
}

async fn visitor<'a>(app: &'a TestApp, tutorial: &str) -> Visitor<'a> {
    let (status, body) =
        app.try_start(json!({"terms_hash": app.terms().await, "tutorial": tutorial})).await;
    assert_eq!(status, 201, "{body}");
    let visitor = Visitor::new(app, &body);
    visitor.wait_for("running").await;
    visitor
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_works_as_it_is_written() {
    let app = service().await;
    let failed = walk(&visitor(&app, "tour").await).await;
    assert_eq!(
        failed,
        ["3: dd if=/dev/zero of=/dev/null bs=1000M count=1", "7: cat ~/museum/vase"],
        "these teach by failing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn first_steps_with_lxd_works_as_it_is_written() {
    let app = service().await;
    let failed = walk(&visitor(&app, "first-steps-with-lxd").await).await;
    assert_eq!(
        failed,
        [
            "3: lxc exec -T first -- tail /dev/zero",
            "5: lxc exec -T first -- whoami",
            "5: lxc exec -T first -- ls",
            "7: lxc delete first"
        ],
        "these teach by failing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_of_the_tour_can_be_done_for_the_visitor() {
    let app = service().await;
    solve(&visitor(&app, "tour").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_first_step_with_lxd_can_be_done_for_the_visitor() {
    let app = service().await;
    solve(&visitor(&app, "first-steps-with-lxd").await).await;
}

/// Types every command of every page, in order; those that did not end with 0, each with its page. A page's check must
/// fail before them and pass after one of them.
async fn walk(visitor: &Visitor<'_>) -> Vec<String> {
    let mut terminal = visitor.terminal().await.greeted().await;
    prompt(&mut terminal, 1).await;
    let mut failed = Vec::new();
    for page in pages(visitor).await {
        let id = page["id"].as_str().expect("an id");
        enter(visitor, &page, &mut terminal).await;
        let checks = page["checks"] == true;
        assert!(!checks || !check(visitor, id).await, "page {id} passes before it is done");
        let mut passed = false;
        for command in commands(&page["blocks"]) {
            let text = command["text"].as_str().expect("a text");
            if !run(&mut terminal, &command["exec"], text).await {
                failed.push(format!("{id}: {text}"));
            }
            // What a page says last may undo what it asked for.
            passed = passed || checks && check(visitor, id).await;
        }
        assert_eq!(passed, checks, "page {id} was done and its check does not pass");
    }
    let progress = visitor.view().await["progress"].clone();
    let steps = progress["steps"].as_object().expect("steps");
    assert_eq!(steps.values().filter(|step| step["passed"] == true).count(), 7, "{progress}");
    visitor.leave().await;
    failed
}

/// Has every page that can be checked done for the visitor.
async fn solve(visitor: &Visitor<'_>) {
    let mut terminal = visitor.terminal().await.greeted().await;
    prompt(&mut terminal, 1).await;
    for page in pages(visitor).await {
        let id = page["id"].as_str().expect("an id");
        enter(visitor, &page, &mut terminal).await;
        assert_eq!(page["checks"], page["solves"], "page {id} has one of both");
        if page["checks"] == true {
            assert!(!check(visitor, id).await, "page {id} passes before it is done");
            let (status, body) = visitor.ask(Method::POST, &format!("/steps/{id}/solve")).await;
            assert_eq!(status, 204, "page {id}: {body}");
            assert!(check(visitor, id).await, "page {id} was done and its check does not pass");
        }
    }
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_names_them_all() {
    let list = service().await.get("/tutorials").await;
    let items = list["items"].as_array().expect("items");
    let slugs: Vec<_> = items.iter().filter_map(|item| item["slug"].as_str()).collect();
    assert_eq!(slugs, ["first-steps-with-lxd", "tour"]);
    assert!(list.get("next_cursor").is_none(), "{list}");
}

async fn pages(visitor: &Visitor<'_>) -> Vec<Value> {
    let slug = visitor.view().await["tutorial"].as_str().expect("a tutorial").to_owned();
    let tutorial = visitor.app.get(&format!("/tutorials/{slug}")).await;
    tutorial["pages"].as_array().expect("pages").clone()
}

async fn enter(visitor: &Visitor<'_>, page: &Value, terminal: &mut Socket) {
    terminal.output.clear();
    let path = format!("/steps/{}/enter", page["id"].as_str().expect("an id"));
    assert_eq!(visitor.ask(Method::POST, &path).await.0, 204);
    if page["enters"] == true {
        prompt(terminal, 1).await;
    }
}

async fn check(visitor: &Visitor<'_>, page: &str) -> bool {
    let (status, body) = visitor.ask(Method::POST, &format!("/steps/{page}/check")).await;
    assert_eq!(status, 200, "page {page}: {body}");
    let message = body["message"].as_str().expect("words");
    assert!(message.len() > 4 && !message.contains("command not found"), "page {page}: {message}");
    body["passed"] == true
}

/// All code that a click runs, in the order of the text.
fn commands(blocks: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    collect(blocks, &mut found);
    found.sort_by_key(|code| code["id"].as_u64());
    found
}

fn collect(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(code) if code.contains_key("exec") => found.push(value.clone()),
        Value::Object(object) => object.values().for_each(|value| collect(value, found)),
        Value::Array(array) => array.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// Types a command as a click does; whether it ended with 0.
async fn run(terminal: &mut Socket, exec: &Value, text: &str) -> bool {
    assert_eq!(
        (&exec["terminal"], &exec["interrupt"]),
        (&json!(1), &json!(false)),
        "not walked yet"
    );
    terminal.output.clear();
    if exec["keys"] == true {
        assert_eq!(text, "^C", "not walked yet");
        terminal.type_in("\u{3}").await;
        prompt(terminal, 1).await;
        return true;
    }
    terminal.type_in(&format!("{text}\n")).await;
    prompt(terminal, text.lines().count()).await;
    terminal.output.clear();
    // Leaves `$?` as it found it: a tutorial may ask for it next.
    terminal.type_in("was=$?; echo status\"\"=$was.; (exit $was)\n").await;
    prompt(terminal, 1).await;
    String::from_utf8_lossy(&terminal.output).contains("status=0.")
}

/// Reads until a root shell has prompted so many times and waits. Only then is it certain that the line typed next
/// goes to the shell and not to a command that still reads.
async fn prompt(terminal: &mut Socket, times: usize) {
    loop {
        let output = String::from_utf8_lossy(&terminal.output).into_owned();
        if output.ends_with("# ") && output.matches("# ").count() >= times {
            // For whoever reads a failed test.
            println!("{output}");
            return;
        }
        match terminal.next_within(PATIENCE).await {
            Some(Message::Close(code)) => panic!("closed {code} after {output:?}"),
            Some(_) => {}
            None => panic!("no prompt after {output:?}"),
        }
    }
}
