//! `tryit drain`: closes the running service, and says when it is empty.

use std::process::{Output, Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::support::{
    Program,
    app::new_directory,
    operators::{ann, table, token},
    turn,
};

/// The command, with the token of `name` in a file.
fn drain(program: &Program, name: &str, arguments: &[&str]) -> Command {
    let file = program.app.path("token");
    std::fs::write(&file, token(name)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tryit"));
    command.arg("drain").arg("--url").arg(format!("http://{}", program.app.address));
    command.arg("--token-file").arg(file).args(arguments).kill_on_drop(true);
    command
}

async fn end(mut command: Command) -> (bool, String) {
    let Output { status, stdout, stderr } = command.output().await.expect("the program");
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_the_last_session_has() {
    let made = turn().await;
    let program = Program::start_in(new_directory(), &ann()).await;
    let visitor = program.app.running_visitor().await;
    drop(made);
    let mut draining = drain(&program, "ann", &["--message", "Back at noon."])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(draining.stdout.take().expect("a pipe")).lines();
    let mut said = Vec::new();
    loop {
        let line = lines.next_line().await.expect("a pipe").expect("it waits");
        said.push(line);
        if said.last().is_some_and(|line| line == "1 session left") {
            break;
        }
    }
    assert_eq!(said[0], "Closed. Visitors are told: Back at noon.");
    assert_eq!(program.app.get("/status").await["state"], "maintenance");
    visitor.end().await;
    assert_eq!(lines.next_line().await.expect("a pipe").as_deref(), Some("Empty"));
    assert!(draining.wait().await.expect("the program").success());

    let (fine, said) = end(drain(&program, "ann", &["--off"])).await;
    assert!(fine && said == "Open.\n", "{said}");
    assert_eq!(program.app.get("/status").await["state"], "open");
    let (fine, _) = end(drain(&program, "ann", &["--no-wait"])).await;
    assert!(fine && program.app.get("/status").await["state"] == "maintenance");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_said() {
    let closed = "[maintenance]\non = true\n";
    let tables = ann() + &table("reader", &["sessions:read"], "");
    let program = Program::start_in(new_directory(), &tables).await;
    for (name, words) in [("nobody", "does not know this token"), ("reader", "`maintenance:write`")]
    {
        let (fine, said) = end(drain(&program, name, &["--no-wait"])).await;
        assert!(!fine && said.contains(words), "{said}");
        assert!(!said.contains(&token(name)), "no secret");
    }
    assert_eq!(program.app.get("/status").await["state"], "open");
    program.replace_config(&(tables + closed));
    crate::support::until("the configuration closes it", || async {
        (program.app.get("/status").await["state"] == "maintenance").then_some(())
    })
    .await;
    let (fine, said) = end(drain(&program, "ann", &["--off"])).await;
    assert!(!fine && said.contains("the configuration keeps the service closed"), "{said}");
    let mut nowhere = Command::new(env!("CARGO_BIN_EXE_tryit"));
    nowhere.args(["drain", "--url", "http://127.0.0.1:1"]).env("TRYIT_TOKEN", "tryit_op_ann");
    let (fine, said) = end(nowhere).await;
    assert!(!fine && said.contains("does not answer") && said.contains("--url"), "{said}");
}
