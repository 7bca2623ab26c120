//! What happens to the pool when things go wrong around it.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    Daemon, TestApp,
    app::{lxd_table, new_directory},
    lxd, pool, turn, until,
};

const ONE: &str = "[pool]\nsize = 1\n";

async fn taken_down(app: TestApp) {
    app.reload("[pool]\nsize = 0\n").await;
    until("no container is left", || async { pool::nobodys(&app).await.is_empty().then_some(()) })
        .await;
    app.stop().await.1.expect("a clean end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_or_deleted_from_outside_is_replaced() {
    let app = TestApp::start(ONE).await;
    let first = pool::filled(&app, 1).await;
    let stop = json!({"action": "stop", "force": true, "timeout": 10});
    let state = format!("/instances/{}/state", first[0]);
    lxd::ask(Method::PUT, &state, Some(stop.clone())).await;
    let second = pool::replaced(&app, &first).await;
    lxd::gone(&first[0]).await;
    lxd::ask(Method::PUT, &format!("/instances/{}/state", second[0]), Some(stop)).await;
    // The service may be quicker.
    lxd::delete(&second[0]).await;
    let third = pool::replaced(&app, &second).await;
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.container().await, third[0]);
    visitor.leave().await;
    taken_down(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_ends_while_nobody_is_there_is_started_again() {
    let app = TestApp::start(ONE).await;
    let warm = pool::filled(&app, 1).await;
    lxd::run(&warm[0], &["killall", "-KILL", "bash"]).await;
    // Given out, it is opened again by the attach; before that, by the service. Both are a prompt.
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.container().await, warm[0]);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    visitor.leave().await;
    taken_down(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_gives_no_shell_makes_no_storm() {
    let app = TestApp::start(&format!(
        "[source.shell]\nimage = \"tryit-shell\"\ncommand = [\"false\"]\n{ONE}"
    ))
    .await;
    let first = pool::filled(&app, 1).await;
    lxd::gone(&first[0]).await;
    assert!(pool::nobodys(&app).await.len() <= 1);
    // Two seconds of rest and three openings, a second apart, lie between two containers.
    let begun = std::time::Instant::now();
    let second = pool::replaced(&app, &first).await;
    lxd::gone(&second[0]).await;
    pool::replaced(&app, &second).await;
    assert!(begun.elapsed() > std::time::Duration::from_secs(4), "{:?}", begun.elapsed());
    taken_down(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_cannot_be_filled_keeps_nobody_from_starting() {
    // Fails for the pool, whose containers nobody writes the file into.
    let app = TestApp::start(&format!(
        "[source.shell]\nimage = \"tryit-shell\"\nready_seconds = 20\n\
         ready = [\"sh\", \"-c\", \"for i in 1 2 3 4 5 6 7 8; do test -e /root/go && exit 0; sleep 0.1; done; exit 3\"]\n{ONE}"
    ))
    .await;
    let visitor = app.visitor().await;
    let running = until("the visitor's runs", || async {
        let view = visitor.view().await;
        assert_ne!(view["state"], "ended", "{view}");
        if let Some(name) = view["name"].as_str() {
            lxd::try_write_file(name, "/root/go", "").await;
        }
        (view["state"] == "running").then_some(view)
    })
    .await;
    assert!(running["expires_at"].is_string());
    visitor.leave().await;
    taken_down(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_keeps_its_pool() {
    let directory = new_directory();
    let turn = turn().await;
    let app = TestApp::start_program_in(directory.clone(), "[pool]\nsize = 2\n").await;
    let before = pool::filled(&app, 2).await;
    drop(turn);
    app.stop().await.1.expect("killed");
    let turn = crate::support::turn().await;
    let app = TestApp::start_program_in(directory.clone(), "[pool]\nsize = 2\n").await;
    assert_eq!(pool::warm(&app).await, before);
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.container().await, before[0]);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    visitor.end().await;
    app.stop().await.1.expect("killed");
    drop(turn);
    let app = TestApp::start_in(directory, "").await;
    taken_down(app).await;
    for name in before {
        lxd::gone(&name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_takes_nothing_from_the_pool() {
    let daemon = Daemon::start("pool-outage").await;
    let app = TestApp::start(&format!("{}{ONE}", lxd_table(&daemon.socket))).await;
    let before = pool::filled(&app, 1).await;
    daemon.kill().await;
    until("the service says so", || async {
        (app.get("/status").await["state"] == "unavailable").then_some(())
    })
    .await;
    app.reload(&format!("{}[pool]\nsize = 2\n", lxd_table(&daemon.socket))).await;
    assert_eq!(pool::nobodys(&app).await, before, "nothing is made or taken down meanwhile");
    daemon.restart().await;
    let after = pool::filled(&app, 2).await;
    assert!(after.contains(&before[0]), "{before:?} {after:?}");
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.container().await, before[0]);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_stopped_from_outside_ends_its_session() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let name = visitor.container().await;
    let stop = json!({"action": "stop", "force": true, "timeout": 10});
    lxd::ask(Method::PUT, &format!("/instances/{name}/state"), Some(stop)).await;
    assert_eq!(terminal.closed().await, 4000, "its shell ended");
    assert_eq!(visitor.wait_for("ended").await["ended_reason"], "container_stopped");
    lxd::gone(&name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_restarted_from_outside_ends_nothing() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    let restart = json!({"action": "restart", "force": true, "timeout": 10});
    lxd::ask(Method::PUT, &format!("/instances/{name}/state"), Some(restart)).await;
    let mut terminal = visitor.socket("1?cols=80&rows=24&new=1").await.greeted().await;
    assert_eq!(terminal.run("hostname").await, name);
    assert_eq!(visitor.view().await["state"], "running");
    visitor.leave().await;
}
