//! Containers that wait: given out at once, replaced, kept up to date.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, Visitor, app::new_directory, lxd, pool, until};

const ONE: &str = "[pool]\nsize = 1\n";

/// Takes everything down and waits until it is gone.
async fn taken_down(app: TestApp, visitors: Vec<(String, String)>) {
    for (id, token) in visitors {
        Visitor { app: &app, id, token }.end().await;
    }
    app.reload("[pool]\nsize = 0\n").await;
    until("no container is left", || async {
        (pool::nobodys(&app).await.is_empty()
            && app.get("/status").await["sessions"]["active"] == 0)
            .then_some(())
    })
    .await;
    app.stop().await.1.expect("a clean end");
}

fn known(visitor: &Visitor<'_>) -> (String, String) {
    (visitor.id.clone(), visitor.token.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_gets_what_waits_at_once_and_another_takes_its_place() {
    let app = TestApp::start(ONE).await;
    let first = pool::filled(&app, 1).await;
    assert_eq!(app.get("/status").await["sessions"]["active"], 0, "nobody has it");
    let (status, started) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!((status.as_u16(), &started["state"]), (201, &json!("running")), "{started}");
    assert_eq!(started["name"], first[0]);
    assert_eq!(started["terminals"], json!([{"n": 1, "state": "open"}]));
    let visitor = Visitor::new(&app, &started);
    let mut terminal = visitor.socket("1?cols=101&rows=33").await.greeted().await;
    terminal.expect("# ").await;
    terminal.sized("33 101").await;
    let second = pool::replaced(&app, &first).await;
    assert_ne!(second, first);
    let visitors = vec![known(&visitor)];
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_get_each_a_container_of_their_own() {
    let app = TestApp::start("[pool]\nsize = 2\n").await;
    let warm = pool::filled(&app, 2).await;
    let terms = json!({"terms_hash": app.terms().await});
    let started = join_all((0..6).map(|_| app.try_start(terms.clone()))).await;
    let at_once: BTreeSet<_> = started
        .iter()
        .filter(|(_, body)| body["state"] == "running")
        .map(|(_, body)| body["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(at_once, warm.into_iter().collect(), "both were given out, each once");
    let visitors: Vec<_> = started.iter().map(|(_, body)| Visitor::new(&app, body)).collect();
    let views = join_all(visitors.iter().map(|visitor| visitor.wait_for("running"))).await;
    let names: BTreeSet<_> = views.iter().map(|view| view["name"].to_string()).collect();
    assert_eq!(names.len(), 6);
    let mut terminal = visitors[5].terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    let visitors = visitors.iter().map(known).collect();
    pool::filled(&app, 2).await;
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_takes_over_what_is_being_made() {
    let ready = "[source.shell]\nimage = \"tryit-shell\"\n\
                 ready = [\"sh\", \"-c\", \"until test -e /root/go; do sleep 0.1; done\"]\n";
    let app = TestApp::start(&format!("{ready}{ONE}")).await;
    let begun = until("one is being made and runs", || async {
        let name = pool::nobodys(&app).await.pop()?;
        let instance = lxd::instance(&name).await?;
        (instance["status"] == "Running").then_some(name)
    })
    .await;
    let visitor = app.visitor().await;
    let view = until("the visitor is told how far it is", || async {
        let view = visitor.view().await;
        (view["phase"]["step"] == "preparing").then_some(view)
    })
    .await;
    assert_eq!((&view["state"], &view["name"]), (&json!("starting"), &json!(begun)));
    lxd::write_file(&begun, "/root/go", "").await;
    assert_eq!(visitor.wait_for("running").await["name"], begun);
    let visitors = vec![known(&visitor)];
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_too_long_is_replaced_without_a_gap() {
    let app = TestApp::start("[pool]\nsize = 1\nmax_age = \"2s\"\n").await;
    let first = pool::filled(&app, 1).await;
    until("it is replaced", || async {
        let warm = pool::warm(&app).await;
        assert!(!warm.is_empty(), "somebody always waits");
        (!warm.contains(&first[0])).then_some(())
    })
    .await;
    lxd::gone(&first[0]).await;
    taken_down(app, Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_limit_or_command_replaces_what_waits() {
    let app = TestApp::start(ONE).await;
    let first = pool::filled(&app, 1).await;
    let limited = "[source.shell]\nimage = \"tryit-shell\"\nlimits.processes = 77\n";
    app.reload(&format!("{limited}{ONE}")).await;
    let second = pool::replaced(&app, &first).await;
    let instance = lxd::instance(&second[0]).await.expect("a container");
    assert_eq!(instance["config"]["limits.processes"], "77");
    app.reload(&format!("{limited}environment = {{ GREETING = \"hello\" }}\n{ONE}")).await;
    let third = pool::replaced(&app, &second).await;
    let visitor = app.visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(visitor.container().await, third[0]);
    assert_eq!(terminal.run("echo $GREETING").await, "hello");
    let visitors = vec![known(&visitor)];
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_image_under_the_same_alias_replaces_what_waits() {
    let alias = format!("pool-{}", domain::SessionId::random());
    let (one, other) = (lxd::own_image(&alias).await, lxd::own_image("").await);
    let app = TestApp::start(&format!("[source.shell]\nimage = \"{alias}\"\n{ONE}")).await;
    let first = pool::filled(&app, 1).await;
    let target = json!({"target": other});
    lxd::ask(Method::PUT, &format!("/images/aliases/{alias}"), Some(target)).await;
    let second = pool::replaced(&app, &first).await;
    let base = async |name: &str| {
        let instance = lxd::instance(name).await.expect("a container");
        instance["config"]["volatile.base_image"].as_str().expect("an image").to_owned()
    };
    assert_eq!(base(&second[0]).await, other);
    taken_down(app, Vec::new()).await;
    for image in [one, other] {
        lxd::ask(Method::DELETE, &format!("/images/{image}"), None).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_makes_the_pool_larger_and_smaller() {
    let app = TestApp::start(ONE).await;
    pool::filled(&app, 1).await;
    app.reload("[pool]\nsize = 3\n").await;
    pool::filled(&app, 3).await;
    app.reload(ONE).await;
    let left = pool::filled(&app, 1).await;
    until("the others are gone", || async { (pool::nobodys(&app).await == left).then_some(()) })
        .await;
    taken_down(app, Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_that_nobody_could_get() {
    let full = "[session]\nmax = 1\nper_address = 9\n";
    let app = TestApp::start(&format!("{full}[pool]\nsize = 3\n")).await;
    let one = pool::filled(&app, 1).await;
    assert_eq!(pool::nobodys(&app).await, one, "one place, one container");
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.container().await, one[0]);
    assert_eq!(pool::nobodys(&app).await, Vec::<String>::new());
    visitor.end().await;
    pool::filled(&app, 1).await;
    taken_down(app, Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_what_waits_and_opens_its_terminal_again() {
    let directory = new_directory();
    let app = TestApp::start_in(directory.clone(), ONE).await;
    let before = pool::filled(&app, 1).await;
    app.stop().await.1.expect("a clean end");
    let app = TestApp::start_in(directory, ONE).await;
    assert_eq!(pool::warm(&app).await, before);
    let visitor = app.visitor().await;
    assert_eq!(visitor.container().await, before[0]);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(terminal.run("echo in").await, "in");
    let visitors = vec![known(&visitor)];
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_takes_it_down_and_its_end_fills_it_again() {
    let app = TestApp::start("[pool]\nsize = 2\n").await;
    let before = pool::filled(&app, 2).await;
    let visitor = app.running_visitor().await;
    pool::filled(&app, 2).await;
    pool::put_maintenance(&app, true).await;
    until("nobody waits", || async { pool::nobodys(&app).await.is_empty().then_some(()) }).await;
    lxd::gone(&before[1]).await;
    assert_eq!(visitor.view().await["state"], "running", "sessions go on");
    pool::put_maintenance(&app, false).await;
    pool::filled(&app, 2).await;
    let visitors = vec![known(&visitor)];
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_many_others_is_told_how_many() {
    let app = TestApp::start("").await;
    let terms = json!({"terms_hash": app.terms().await});
    let started = join_all((0..16).map(|_| app.try_start(terms.clone()))).await;
    let visitors: Vec<_> = started.iter().map(|(_, body)| Visitor::new(&app, body)).collect();
    let told = until("all run", || async {
        let views = join_all(visitors.iter().map(Visitor::view)).await;
        let is_told = |view: &serde_json::Value| {
            let message = view["phase"]["message"].as_str().unwrap_or_default();
            message.starts_with("Waiting: ") && message.ends_with(" being made before yours")
        };
        let told = views.iter().filter(|view| is_told(view)).count();
        assert!(views.iter().all(|view| view["state"] != "ended"), "{views:?}");
        (told > 0 || views.iter().all(|view| view["state"] == "running")).then_some(told)
    })
    .await;
    assert!(told > 0, "nobody was told");
    for visitor in &visitors {
        visitor.wait_for("running").await;
    }
    let names: BTreeSet<_> =
        join_all(visitors.iter().map(Visitor::container)).await.into_iter().collect();
    assert_eq!(names.len(), 16);
    let visitors = visitors.iter().map(known).collect();
    taken_down(app, visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_an_offered_place_gets_what_was_begun_when_it_was_freed() {
    let app =
        TestApp::start("[session]\nmax = 1\nper_address = 9\n[pool]\nsize = 1\n[queue]\nmax = 5\n")
            .await;
    pool::filled(&app, 1).await;
    let first = app.running_visitor().await;
    let second = app.visitor().await;
    assert_eq!(second.view().await["state"], "queued");
    assert_eq!(pool::nobodys(&app).await, Vec::<String>::new(), "nobody could get it");
    first.end().await;
    second.wait_for("offered").await;
    let waiting = pool::nobodys(&app).await;
    assert_eq!(waiting.len(), 1, "one is made while the place is cleared and offered");
    let (status, view) = second.ask(Method::POST, "/claim").await;
    assert_eq!((status.as_u16(), &view["name"]), (200, &json!(waiting[0])), "{view}");
    second.wait_for("running").await;
    let visitors = vec![known(&second)];
    taken_down(app, visitors).await;
}
