//! No room left: for the database, for LXD's pool. Clear words, nothing half done, and it goes on once there is room.

use serde_json::{Value, json};

use crate::support::{TestApp, Visitor, disk::SmallDisk, lxd, storage::SmallPool, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_starts_keeps_sessions_and_heals() {
    let disk = SmallDisk::new("6m");
    let app = TestApp::start_in(disk.directory(), "").await;
    let visitor = app.running_visitor().await;
    let name = visitor.container().await;
    disk.fill();
    let body = json!({"terms_hash": app.terms().await});
    let (mut started, mut refused) = (Vec::new(), None);
    // The log has some room of its own, and begins anew when it is full: what needs little may still be written.
    for _ in 0..200 {
        let (status, answer) = app.try_start(body.clone()).await;
        if status != 201 {
            refused = Some((status, answer));
            break;
        }
        Visitor::new(&app, &answer).end().await;
        started.push(answer);
    }
    let (status, answer) = refused.expect("a refusal");
    assert_eq!(
        (status.as_u16(), &answer["error"]["code"]),
        (503, &json!("unavailable")),
        "{answer}"
    );
    let ready = || async {
        let asked = app.http.get(format!("http://{}/readyz", app.address)).send();
        asked.await.expect("an answer").status()
    };
    app.wait_for("unavailable").await;
    for _ in 0..3 {
        assert_eq!(ready().await, 503, "a monitor is told");
    }
    assert_eq!(visitor.view().await["state"], "running");
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo kept").await, "kept");
    assert!(lxd::instance(&name).await.is_some());

    disk.free();
    until("it can work again", || async { (ready().await == 200).then_some(()) }).await;
    app.wait_for("open").await;
    let after = app.running_visitor().await;
    assert_eq!(visitor.view().await["state"], "running");
    after.leave().await;
    visitor.leave().await;
    // Whatever was started and ended meanwhile is gone, too.
    until("all places are free", || async {
        (app.get("/status").await["sessions"]["active"] == 0).then_some(())
    })
    .await;
    assert!(crate::kill::marked(&app.directory).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_fails_starts_in_words_and_heals() {
    let pool = SmallPool::new("full").await;
    let source = format!(
        "[source.shell]\nimage = \"tryit-shell\"\nprofiles = [{:?}]\nlimits = {{ disk = \"10GiB\" }}\n",
        pool.name
    );
    let app = TestApp::start(&source).await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let said = terminal.run("dd if=/dev/urandom of=/root/x bs=1M count=400; sync").await;
    assert!(said.contains("No space left on device"), "{said}");
    let late = app.visitor().await;
    let view: Value = until("the start is over", || async {
        let view = late.view().await;
        (view["state"] == "ended" || view["state"] == "running").then_some(view)
    })
    .await;
    assert_eq!(view["ended_reason"], "start_failed", "{view}");
    assert_eq!(visitor.view().await["state"], "running");
    until("its place is free again", || async {
        (app.get("/status").await["sessions"]["active"] == 1).then_some(())
    })
    .await;

    assert_eq!(terminal.run("rm /root/x; sync; echo freed").await, "freed");
    until("a start works again", || async {
        let visitor = app.visitor().await;
        let view = until("the start is over", || async {
            let view = visitor.view().await;
            (view["state"] == "ended" || view["state"] == "running").then_some(view)
        })
        .await;
        visitor.end().await;
        (view["state"] == "running").then_some(())
    })
    .await;
    visitor.leave().await;
    until("no container is left", || async {
        crate::kill::marked(&app.directory).await.is_empty().then_some(())
    })
    .await;
    pool.remove().await;
}
