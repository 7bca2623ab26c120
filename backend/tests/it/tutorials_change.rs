//! Tutorials change while the service runs: by themselves, never to something half written or broken.

use std::{fs, time::Duration};

use serde_json::Value;

use crate::support::{
    Program, TestApp,
    app::{new_directory, write},
    until,
};

fn index(title: &str, intro: &str) -> String {
    format!(
        r#"{{"title": "{title}", "details": {{"intro": {{"text": "{intro}"}}}}, "backend": {{"imageid": "shell"}}}}"#
    )
}

async fn titles(app: &TestApp) -> Vec<String> {
    let list = app.get("/tutorials").await;
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|item| item["title"].as_str().expect("a title").to_owned()).collect()
}

async fn wait_for(app: &TestApp, expected: &[&str]) {
    until(&format!("the tutorials are {expected:?}"), || async {
        (titles(app).await == expected).then_some(())
    })
    .await;
}

fn is_reading(event: &Value) -> bool {
    event["message"] == "the tutorials were read again"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_directory_is_read_and_an_unchanged_one_is_not() {
    let program = Program::start_in(new_directory(), "").await;
    let (app, file) = (&program.app, |name: &str| program.app.path("tutorials").join(name));
    write(file("second/intro.md"), "Two.\n");
    write(file("second/index.json"), &index("Second", "intro.md"));
    wait_for(app, &["First", "Second"]).await;

    // Another file takes the name, as editors and `git checkout` do it.
    write(file("second/new.json"), &index("Other", "intro.md"));
    fs::rename(file("second/new.json"), file("second/index.json")).expect("a file");
    wait_for(app, &["First", "Other"]).await;
    write(file("second/intro.md"), "Another text.\n");
    until("the text is the new one", || async {
        app.get("/tutorials/second").await.to_string().contains("Another text").then_some(())
    })
    .await;

    let readings = program.logged(is_reading).len();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(program.logged(is_reading).len(), readings, "nothing has changed");

    fs::remove_dir_all(file("second")).expect("a directory");
    wait_for(app, &["First"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_stays_as_it_was_and_is_told() {
    let program = Program::start_in(new_directory(), "").await;
    let (app, file) = (&program.app, |name: &str| program.app.path("tutorials").join(name));
    let told = async |words: &'static str| {
        program
            .logs(words, |event| {
                event["level"] == "WARN"
                    && event["problem"].as_str().is_some_and(|problem| problem.contains(words))
            })
            .await
    };
    write(file("first/index.json"), "{\"title\": \"Half");
    told("first/index.json:").await;
    told("shown as it was before").await;
    assert_eq!(titles(app).await, ["First"]);
    assert!(app.get("/tutorials/first").await.to_string().contains("echo hello"));

    write(file("first/index.json"), &index("Without its text", "gone.md"));
    told("gone.md").await;
    assert_eq!(titles(app).await, ["First"]);

    write(file("first/gone.md"), "Found.\n");
    wait_for(app, &["Without its text"]).await;

    // The directory itself: away for a moment, then another one by a link.
    fs::rename(app.path("tutorials"), app.path("elsewhere")).expect("a directory");
    program
        .logs("that there is no directory", |event| {
            event["level"] == "ERROR" && event.to_string().contains("the tutorials can't be read")
        })
        .await;
    assert_eq!(titles(app).await, ["Without its text"]);
    write(app.path("third/only/intro.md"), "Three.\n");
    write(app.path("third/only/index.json"), &index("Third", "intro.md"));
    std::os::unix::fs::symlink(app.path("third"), app.path("tutorials")).expect("a link");
    wait_for(app, &["Third"]).await;
}
