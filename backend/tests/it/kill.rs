//! `kill -9` of the service at many moments of starts and ends: what was promised holds after it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{TestApp, Visitor, app::new_directory, lxd, turn, until};

/// Rounds, each with a kill at another moment.
const ROUNDS: u64 = 12;
/// Slow enough that `ready` is met, too.
const SOURCE: &str = "[source.shell]\nimage = \"tryit-shell\"\nready = [\"sleep\", \"0.3\"]\n";

/// A session that was promised, by its token.
#[derive(Clone)]
struct Promise {
    id: String,
    token: String,
}

impl Promise {
    fn of<'a>(&self, app: &'a TestApp) -> Visitor<'a> {
        Visitor { app, id: self.id.clone(), token: self.token.clone() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_the_service_is_killed_nothing_is_lost_and_nothing_leaked() {
    let _turn = turn().await;
    let mut random = fastrand::Rng::with_seed(20);
    let directory = new_directory();
    let app = TestApp::start_program_in(directory.clone(), SOURCE).await;
    let anchor = app.running_visitor().await;
    let anchor_name = anchor.container().await;
    let anchor = Promise { id: anchor.id, token: anchor.token };
    let (mut live, mut ended) = (vec![anchor.clone()], Vec::new());
    app.stop().await.1.expect("killed");

    for round in 0..ROUNDS {
        let app = TestApp::start_program_in(directory.clone(), SOURCE).await;
        assert_eq!(anchor.of(&app).container().await, anchor_name, "round {round}");
        for gone in &ended {
            let gone: &Promise = gone;
            assert_eq!(gone.of(&app).view().await["state"], "ended", "round {round}");
        }
        // Two starts whose answers may be lost, and the end of an older session; killed in the middle of it all.
        let body = json!({"terms_hash": app.terms().await});
        let keys = [format!("round-{round}-one-{:022}", 0), format!("round-{round}-two-{:022}", 0)];
        let leaver = (live.len() > 3).then(|| live.remove(1));
        let acting = async {
            let starts = keys.iter().map(|key| {
                app.request(Method::POST, "/sessions")
                    .header("idempotency-key", key)
                    .json(&body)
                    .send()
            });
            let end = async {
                let Some(leaver) = &leaver else { return };
                // Whether it was heard is seen later: it is said again.
                let _ = leaver.of(&app).request(Method::DELETE, "").send().await;
            };
            tokio::join!(futures_util::future::join_all(starts), end)
        };
        // From before the first answer until both run: each third of it is met.
        let moment = Duration::from_millis(round * 120 + random.u64(0..120));
        let _ = tokio::time::timeout(moment, async {
            acting.await;
            std::future::pending::<()>().await
        })
        .await;
        app.stop().await.1.expect("killed");

        let app = TestApp::start_program_in(directory.clone(), SOURCE).await;
        if let Some(leaver) = leaver {
            leaver.of(&app).end().await;
            ended.push(leaver);
        }
        for key in &keys {
            let request = app.request(Method::POST, "/sessions").header("idempotency-key", key);
            let (status, view) = app.ask(request.json(&body)).await;
            assert_eq!(status, 201, "round {round}: {view}");
            let visitor = Visitor::new(&app, &view);
            visitor.wait_for("running").await;
            live.push(Promise { id: visitor.id, token: visitor.token });
        }
        app.stop().await.1.expect("killed");
    }

    let app = TestApp::start_program_in(directory.clone(), SOURCE).await;
    let mut names = HashMap::new();
    for promise in &live {
        let view = promise.of(&app).view().await;
        assert_eq!(view["state"], "running", "{view}");
        names.insert(view["name"].as_str().expect("a name").to_owned(), &promise.id);
    }
    assert_eq!(names.len(), live.len(), "each has a container of its own");
    let wanted: BTreeSet<_> = names.keys().cloned().collect();
    until("there are no other containers", || async {
        (marked(&directory).await == wanted).then_some(())
    })
    .await;
    let mut terminal = anchor.of(&app).terminal().await.greeted().await;
    assert_eq!(terminal.run("echo alive").await, "alive");
    for promise in &live {
        promise.of(&app).end().await;
    }
    until("none is left", || async { marked(&directory).await.is_empty().then_some(()) }).await;
    app.stop().await.1.expect("killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_while_the_service_was_dead_is_deleted_at_its_next_start() {
    let directory = new_directory();
    let more = "[session]\nduration = \"6s\"\nper_hour = 1000\n";
    let app = TestApp::start_program_in(directory.clone(), more).await;
    let visitor = {
        let _turn = turn().await;
        app.running_visitor().await
    };
    let (promise, name) = (
        Promise { id: visitor.id.clone(), token: visitor.token.clone() },
        visitor.container().await,
    );
    app.stop().await.1.expect("killed");
    // What passes is the time that the session has: there is nothing else to wait for.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(lxd::instance(&name).await.is_some(), "nobody was there to delete it");
    let app = TestApp::start_program_in(directory, more).await;
    assert_eq!(promise.of(&app).wait_for("ended").await["ended_reason"], "expired");
    lxd::gone(&name).await;
    app.stop().await.1.expect("killed");
}

/// The containers that carry the mark of a service's database.
pub async fn marked(directory: &Arc<TempDir>) -> BTreeSet<String> {
    let mark = store::Store::look_at(&directory.path().join("tryit.db")).await;
    let mark = mark.expect("a database").expect("a mark").server_id.to_string();
    let all = lxd::ask(Method::GET, "/instances?recursion=1", None).await.expect("a list");
    let ours = |instance: &&Value| instance["config"]["user.tryit.server"] == mark;
    let all = all.as_array().expect("a list").iter().filter(ours);
    all.map(|instance| instance["name"].as_str().expect("a name").to_owned()).collect()
}
