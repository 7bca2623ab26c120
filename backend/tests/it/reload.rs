//! The configuration changes while the service runs: by itself, on a signal, and never to something wrong.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Operator, Program,
    app::{new_directory, write},
    config, lxd,
    operators::{SCOPES, ann, table},
    turn, until,
};

const CLOSED: &str = "[maintenance]\non = true\nmessage = \"Configured.\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_read_however_it_was_written() {
    let program = Program::start_in(new_directory(), &ann()).await;
    let ann_only = Operator::ann(&program.app);
    program.replace_config(&(ann() + CLOSED));
    assert_eq!(program.app.wait_for("maintenance").await["message"], "Configured.");
    let still = ann_only.put_maintenance(json!({"on": false})).await;
    assert_eq!(still, json!({"on": true, "message": "Configured.", "configured": true}));

    // In place, emptied first; then once more before anybody has looked.
    let file = program.app.path("tryit.toml");
    std::fs::write(&file, "").expect("a file");
    std::fs::write(&file, config(&(ann() + "[session]\nmax = 7\n"))).expect("a file");
    assert_eq!(program.app.wait_for("open").await["sessions"]["max"], 7);

    // By a link that is moved, as Kubernetes does.
    let target = program.app.path("mounted.toml");
    std::fs::write(&target, config("[session]\nmax = 8\n")).expect("a file");
    let link = program.app.path("link");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    std::fs::rename(&link, &file).expect("a link");
    until("the link's target is in force", || async {
        (program.app.get("/status").await["sessions"]["max"] == 8).then_some(())
    })
    .await;
    assert_eq!(ann_only.ask(Method::GET, "/audit", None).await.0, 401, "its table is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_file_changes_nothing_and_is_told() {
    let program = Program::start_in(new_directory(), &ann()).await;
    let is_wrong = |event: &Value, words: &str| {
        event["level"] == "ERROR"
            && event["error"].as_str().is_some_and(|error| error.contains(words))
    };
    program.replace_config(&(ann() + CLOSED + "[queue]\nmax = \"many\"\n"));
    let told = program.logs("the mistake", |event| is_wrong(event, "`queue.max`")).await;
    let told = told["error"].as_str().expect("words");
    assert!(
        told.contains("tryit.toml, line ") && told.contains("expected a whole number"),
        "{told}"
    );
    assert_eq!(program.app.get("/status").await["state"], "open", "no part of it is in force");

    std::fs::remove_file(program.app.path("tryit.toml")).expect("a file");
    program.logs("that the file is gone", |event| is_wrong(event, "there is no such file")).await;
    program.signal("HUP");
    program.signal("HUP");
    assert_eq!(Operator::ann(&program.app).ask(Method::GET, "/audit", None).await.0, 200);

    // What was wrong for want of another file is right once that is there.
    program.replace_config(&format!("{CLOSED}[terms.en]\nfile = \"terms.md\"\n"));
    program.logs("that the terms are missing", |event| is_wrong(event, "`terms.en.file`")).await;
    std::fs::write(program.app.path("terms.md"), "# Rules").expect("a file");
    program.app.wait_for("maintenance").await;
    assert_eq!(program.app.get("/terms").await["html"], "<h2>Rules</h2>\n");
    std::fs::write(program.app.path("terms.md"), "# Other rules").expect("a file");
    until("the changed terms are in force", || async {
        (program.app.get("/terms").await["html"] == "<h2>Other rules</h2>\n").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_reads_it_and_a_key_that_is_read_once_is_named() {
    let program = Program::start_in(new_directory(), "").await;
    program
        .replace_config("listen = \"127.0.0.1:1\"\n[session]\nmax = 3\n[log]\nlevel = \"debug\"\n");
    program.signal("HUP");
    program
        .logs("that it was read", |event| event["message"] == "the configuration was read again")
        .await;
    assert_eq!(program.app.get("/status").await["sessions"]["max"], 3);
    write(program.app.path("tutorials/second/index.json"), r#"{"title": "Second"}"#);
    program.signal("HUP");
    until("the new tutorial is there", || async {
        let tutorials = program.app.get("/tutorials").await;
        (tutorials["items"].as_array().expect("a list").len() == 2).then_some(())
    })
    .await;
    let warning = program.logs("a warning of the key", |event| event["key"] == "listen").await;
    assert_eq!(warning["level"], "WARN");
    assert!(warning["message"].as_str().is_some_and(|words| words.contains("restart")));
    program.logs("more than before", |event| event["level"] == "DEBUG").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_taken_out_is_refused_and_what_it_watches_ends() {
    let made = turn().await;
    let program = Program::start_in(new_directory(), &ann()).await;
    let (ann, visitor) = (Operator::ann(&program.app), program.app.running_visitor().await);
    drop(made);
    let mut terminal = visitor.terminal().await.greeted().await;
    let mut watcher = ann.watch(&visitor.id, "1").await.greeted().await;
    program.replace_config(&table("bob", SCOPES, ""));
    assert_eq!(watcher.closed().await, 4401);
    assert_eq!(ann.ask(Method::GET, "/sessions", None).await.0, 401);
    let bob = Operator { app: &program.app, name: "bob" };
    assert_eq!(bob.get("/audit").await["items"][0]["actor"], "ann");
    assert_eq!(terminal.run("echo on").await, "on", "the visitor has noticed nothing");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_source_is_gone_works_to_its_end() {
    let made = turn().await;
    let own = "[source.shell]\nimage = \"tryit-shell\"\nenvironment = { OF = \"its-own\" }\n";
    let program = Program::start_in(new_directory(), &(ann() + own)).await;
    let visitor = program.app.running_visitor().await;
    drop(made);
    let mut terminal = visitor.terminal().await.greeted().await;
    let name = visitor.container().await;
    program.replace_config(&format!(
        "{}[source.other]\nimage = \"tryit-shell\"\n[session]\nmax = 3\n",
        ann()
    ));
    until("it is in force", || async {
        (program.app.get("/status").await["sessions"]["max"] == 3).then_some(())
    })
    .await;
    assert_eq!(terminal.run("echo on").await, "on");
    let mut another = visitor.socket("2?cols=80&rows=24").await.greeted().await;
    assert_eq!(another.run("hostname").await, name);
    assert_eq!(another.run("echo $OF").await, "its-own", "not the command of another source");
    let listed = Operator::ann(&program.app).get("/sessions").await;
    assert_eq!(listed["items"][0]["source"], "shell");
    visitor.end().await;
    lxd::gone(&name).await;
}
