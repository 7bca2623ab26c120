//! What a session's container is made from, what it may use, and how it becomes a visitor's terminal.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{TestApp, Visitor, app::write, lxd, until};

/// A service with `[source.NAME]` tables, and for each name a tutorial that runs on it.
async fn with_sources(names: &[&str], tables: &str) -> TestApp {
    let directory = TempDir::new().expect("a temporary directory");
    for name in names {
        let tutorial = directory.path().join("tutorials").join(name);
        let index = json!({"title": name, "details": {"intro": {"text": "intro.md"}}, "backend": {"imageid": name}});
        write(tutorial.join("index.json"), &index.to_string());
        write(tutorial.join("intro.md"), "Nothing to read.\n");
    }
    TestApp::start_in(Arc::new(directory), tables).await
}

/// A running session of one of those tutorials.
async fn running<'a>(app: &'a TestApp, tutorial: &str) -> Visitor<'a> {
    let (status, body) =
        app.try_start(json!({"terms_hash": app.terms().await, "tutorial": tutorial})).await;
    assert_eq!(status, 201, "{body}");
    let visitor = Visitor::new(app, &body);
    visitor.wait_for("running").await;
    visitor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_has_the_shape_of_its_source() {
    let app = TestApp::start(
        "[source.shell]\nimage = \"tryit-shell\"\n[source.shell.limits]\ncpu = 1\nmemory = \"192MiB\"\n\
         processes = 120\ndisk = \"64MiB\"\n",
    )
    .await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    assert!(name.starts_with("tryit-") && name.split('-').count() >= 3, "{name}");
    let instance = lxd::instance(&name).await.expect("a container");
    let config = &instance["expanded_config"];
    for (key, value) in [
        ("limits.cpu", "1"),
        ("limits.memory", "192MiB"),
        ("limits.memory.swap", "false"),
        ("limits.processes", "120"),
        ("security.devlxd", "false"),
        ("security.idmap.isolated", "true"),
        ("security.nesting", "false"),
    ] {
        assert_eq!(config[key], value, "{key}");
    }
    assert_ne!(config["security.privileged"], "true");
    let denied = config["security.syscalls.deny"].as_str().expect("denied calls");
    assert_eq!(
        denied.lines().filter(|line| line.starts_with("ioctl errno 1 [1,0x5000")).count(),
        4
    );
    let mark = store::Store::look_at(&app.path("tryit.db")).await.expect("a database");
    assert_eq!(config["user.tryit.server"], mark.expect("an id").server_id.to_string());
    assert_eq!(instance["expanded_devices"]["root"]["size"], "64MiB");

    // From inside, the same.
    let mut terminal = visitor.terminal().await.greeted().await;
    let map = terminal.run("cat /proc/self/uid_map").await;
    let base = config["volatile.idmap.base"].as_str().expect("a range");
    assert_eq!(map.split_whitespace().collect::<Vec<_>>(), ["0", base, "65536"]);
    assert_eq!(terminal.run("test -e /dev/lxd; echo $?").await, "1");
    assert!(terminal.run("free -m").await.contains("192"));
    let pool = lxd::ask(Method::GET, "/storage-pools/default", None).await.expect("a pool");
    if pool["driver"] != "dir" {
        let filled = terminal.run("dd if=/dev/zero of=/root/zeros bs=1M count=100 2>&1").await;
        assert!(filled.contains("quota exceeded"), "{filled}");
    }
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_an_instance_and_a_snapshot_are_sources() {
    let golden = format!("golden-{}", domain::SessionId::random());
    // A copy must not bring such things along.
    lxd::make(
        &golden,
        json!({"security.privileged": "true", "limits.memory": "1GiB", "user.note": "golden"}),
    )
    .await;
    lxd::write_file(&golden, "/root/lesson", "one\n").await;
    let snapshots = format!("/instances/{golden}/snapshots");
    lxd::ask(Method::POST, &snapshots, Some(json!({"name": "first"}))).await;
    lxd::write_file(&golden, "/root/lesson", "two\n").await;
    let app = with_sources(
        &["image", "instance", "snapshot"],
        &format!(
            "[source.a]\nimage = \"tryit-shell\"\nimage_ids = [\"image\"]\n\
             [source.b]\ninstance = \"{golden}\"\nimage_ids = [\"instance\"]\n\
             [source.c]\nsnapshot = \"{golden}/first\"\nimage_ids = [\"snapshot\"]\n"
        ),
    )
    .await;
    for (tutorial, lesson) in [("image", "none"), ("instance", "two"), ("snapshot", "one")] {
        let visitor = running(&app, tutorial).await;
        let mut terminal = visitor.terminal().await.greeted().await;
        assert_eq!(
            terminal.run("cat /root/lesson 2>/dev/null || echo none").await,
            lesson,
            "{tutorial}"
        );
        let name = visitor.container().await;
        assert_eq!(terminal.run("hostname").await, name, "{tutorial}");
        let copy = lxd::instance(&name).await.expect("a container");
        assert_eq!(copy["config"]["security.privileged"], "false", "{tutorial}");
        assert_eq!(copy["config"]["limits.memory"], "512MiB", "{tutorial}");
        assert_eq!(copy["config"]["security.idmap.isolated"], "true", "{tutorial}");
        visitor.leave().await;
    }
    let origin = lxd::instance(&golden).await.expect("the instance that was copied");
    assert_eq!(
        (&origin["status"], &origin["config"]["user.note"]),
        (&json!("Stopped"), &json!("golden"))
    );
    assert!(origin["config"].get("user.tryit.server").is_none());
    lxd::remove(&golden).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitors_command_is_the_sources() {
    let app = TestApp::start(
        "[source.shell]\nimage = \"tryit-shell\"\nuser = 1000\ngroup = 100\ncwd = \"/tmp\"\n\
         environment = { GREETING = \"good morning\" }\n\
         command = [\"sh\", \"-c\", \"echo $GREETING; exec sh\"]\n",
    )
    .await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    terminal.expect("good morning\r\n").await;
    assert_eq!(
        terminal.run("id -u; id -g; pwd; echo $GREETING").await,
        "1000\n100\n/tmp\ngood morning"
    );
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_gets_in_once_the_container_is_ready() {
    let app = TestApp::start(
        "[source.shell]\nimage = \"tryit-shell\"\n\
         ready = [\"sh\", \"-c\", \"until test -e /root/go; do sleep 0.1; done\"]\n",
    )
    .await;
    let visitor = app.visitor().await;
    let mut terminal = visitor.terminal().await;
    let view = until("the container is being prepared", || async {
        let view = visitor.view().await;
        (view["phase"]["step"] == "preparing").then_some(view)
    })
    .await;
    assert_eq!(view["state"], "starting");
    assert!(view.get("expires_at").is_none(), "time runs only in running: {view}");
    while !terminal.text("status").await["message"].to_string().contains("until it is ready") {}
    lxd::write_file(view["name"].as_str().expect("a name"), "/root/go", "").await;
    let mut terminal = terminal.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_may_fail_to_get_ready_twice() {
    let app = TestApp::start(
        "[source.shell]\nimage = \"tryit-shell\"\n\
         ready = [\"sh\", \"-c\", \"echo x >> /root/tries; test $(wc -l < /root/tries) = 3\"]\n",
    )
    .await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("cat /root/tries").await, "x\nx\nx");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_does_not_get_ready_ends_its_session_and_goes() {
    let app = TestApp::start(
        "[source.shell]\nimage = \"tryit-shell\"\nready = [\"sh\", \"-c\", \"echo no disk >&2; exit 3\"]\n",
    )
    .await;
    let visitor = app.visitor().await;
    let mut terminal = visitor.terminal().await;
    let name = visitor.container().await;
    let view = visitor.wait_for("ended").await;
    assert_eq!(view["ended_reason"], "start_failed");
    assert_eq!(terminal.closed().await, 4410);
    lxd::gone(&name).await;
    until("the place is free", || async {
        (app.get("/status").await["sessions"]["active"] == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there_refuses_its_own_starts_only() {
    let app = with_sources(
        &["here", "missing"],
        "[source.here]\nimage = \"tryit-shell\"\nimage_ids = [\"here\"]\n\
         [source.missing]\nimage = \"no-such-image\"\nimage_ids = [\"missing\"]\n",
    )
    .await;
    let start = json!({"terms_hash": app.terms().await, "tutorial": "missing"});
    let (status, body) = app.try_start(start).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("unavailable")));
    assert!(
        body["error"]["message"].as_str().is_some_and(|message| message.contains("not there yet")),
        "{body}"
    );
    assert_eq!(app.get("/status").await["state"], "open");
    running(&app, "here").await.leave().await;
}
