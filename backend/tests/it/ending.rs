//! SIGTERM: whoever is attached is told, every stream has its end, and the next service takes the address over.

use reqwest::Method;
use serde_json::json;

use crate::support::{Message, Program, app::new_directory, turn, until};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_and_nothing_is_cut_off() {
    let made = turn().await;
    let program = Program::start_in(new_directory(), "").await;
    let visitor = program.app.running_visitor().await;
    drop(made);
    let mut terminal = visitor.terminal().await.greeted().await;
    let mut updates = visitor.request(Method::GET, "/updates").send().await.expect("a stream");
    assert!(updates.chunk().await.expect("a stream").is_some());
    let (id, token) = (visitor.id.clone(), visitor.token.clone());

    program.signal("TERM");
    assert_eq!(terminal.closed().await, 1012);
    assert!(terminal.texts.contains(&json!({"notice": {"code": "restarting"}})));
    // A stream that is cut off ends in an error.
    while updates.chunk().await.expect("an end of the stream").is_some() {}
    let (address, directory) = (program.app.address, program.app.directory.clone());
    program.app.ended().await.expect("an end without a failure");

    let program = Program::start_in(directory, &format!("listen = \"{address}\"\n")).await;
    let visitor = crate::support::Visitor { app: &program.app, id, token };
    let mut terminal = visitor.terminal().await;
    match terminal.next().await {
        Message::Text(frame) => assert!(frame.get("hello").is_some(), "{frame}"),
        other => panic!("{other:?}"),
    }
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_container_is_told_too() {
    let slow = "[source.slow]\nimage = \"tryit-shell\"\nready = [\"sleep\", \"3600\"]\nready_seconds = 20\n";
    let made = turn().await;
    let program = Program::start_in(new_directory(), slow).await;
    let visitor = program.app.visitor().await;
    let mut terminal = visitor.terminal().await;
    until("the container is made", || async {
        (visitor.view().await["phase"]["step"] == "preparing").then_some(())
    })
    .await;
    drop(made);
    program.signal("TERM");
    assert_eq!(terminal.closed().await, 1012);
    let directory = program.app.directory.clone();
    let (id, token) = (visitor.id.clone(), visitor.token.clone());
    program.app.ended().await.expect("an end without a failure");

    let program = Program::start_in(directory, slow).await;
    let visitor = crate::support::Visitor { app: &program.app, id, token };
    visitor.leave().await;
}
