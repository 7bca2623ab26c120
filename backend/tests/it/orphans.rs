//! Containers that carry this database's mark and have no row in it: a few are cleaned up, many mean that the database
//! is not the one they belong to.

use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;
use tryit::reconciler::Orphans;

use crate::support::{TestApp, lxd, until};

/// The mark's key.
const MARK: &str = "user.tryit.server";

/// A database that has been used, and its mark.
async fn database() -> (Arc<TempDir>, String) {
    let (directory, stopped) = TestApp::start("").await.stop().await;
    stopped.expect("a clean end");
    let mark = store::Store::look_at(&directory.path().join("tryit.db")).await;
    (directory, mark.expect("a database").expect("a mark").server_id.to_string())
}

/// Makes `count` containers with a mark.
async fn orphans(count: usize, mark: &str) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..count {
        let name = format!("tryit-{}", domain::SessionId::random());
        lxd::make(&name, json!({ MARK: mark })).await;
        names.push(name);
    }
    names
}

/// Makes containers look as if they had been there for long. Only the server's own database can say so.
pub async fn age(names: &[String]) {
    for name in names {
        let query = format!(
            "update instances set creation_date = '2020-01-01 00:00:00' where name = '{name}'"
        );
        lxd::internal_sql(&query).await;
    }
}

async fn mark_of(name: &str) -> Option<String> {
    let instance = lxd::instance(name).await.unwrap_or_else(|| panic!("{name} is gone"));
    instance["config"][MARK].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_stop_the_start_until_they_are_adopted() {
    let (directory, mark) = database().await;
    let names = orphans(4, &mark).await;
    age(&names).await;
    let refused = TestApp::start_in(directory.clone(), "").await.ended().await;
    let said = refused.expect_err("a service that does not start").to_string();
    assert!(
        said.contains("4 containers") && said.contains("--adopt") && said.contains("--purge"),
        "{said}"
    );
    for name in &names {
        assert!(said.contains(name), "{said}");
        assert_eq!(mark_of(name).await.as_ref(), Some(&mark), "nothing was done to them");
    }
    let app = TestApp::try_start_in(directory, "", Orphans::Adopt).await;
    for name in &names {
        until("the mark is off", || async { mark_of(name).await.is_none().then_some(()) }).await;
        lxd::remove(name).await;
    }
    app.running_visitor().await.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_deleted_when_the_operator_says_so() {
    let (directory, mark) = database().await;
    let names = orphans(4, &mark).await;
    age(&names).await;
    let app = TestApp::try_start_in(directory, "", Orphans::Purge).await;
    for name in &names {
        lxd::gone(name).await;
    }
    assert_eq!(app.get("/status").await["state"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_are_deleted_once_they_are_old_and_others_never() {
    let (directory, mark) = database().await;
    let old = orphans(2, &mark).await;
    let young = orphans(1, &mark).await;
    let foreign = orphans(4, &domain::ServerId::random().to_string()).await;
    let unmarked = orphans(1, "").await;
    age(&[&old[..], &foreign, &unmarked].concat()).await;
    let _app = TestApp::start_in(directory, "").await;
    for name in &old {
        lxd::gone(name).await;
    }
    assert_eq!(mark_of(&young[0]).await, Some(mark));
    age(&young).await;
    lxd::gone(&young[0]).await;
    for name in foreign.iter().chain(&unmarked) {
        assert!(lxd::instance(name).await.is_some(), "{name} is somebody else's");
        lxd::remove(name).await;
    }
}
