//! Progress is read, changed and written in one piece.

use std::collections::BTreeMap;

use domain::{EndedReason, PageName, Progress};

use super::*;

fn page(text: &str) -> PageName {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_simultaneous_change_is_lost() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    let tasks: Vec<_> = (0..30)
        .map(|n| {
            let store = db.store.clone();
            tokio::spawn(async move { store.put_progress(id, page("1"), &[n]).await.unwrap() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    let session = db.session(id).await;
    assert_eq!(session.page, page("1"));
    assert_eq!(session.progress.page(page("1")).unwrap().ran.len(), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pages_scripts_are_for_one_caller_to_run() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move { store.mark_entered(id, page("2")).await.unwrap() })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        first += usize::from(task.await.unwrap());
    }
    assert_eq!(first, 1);
}

#[tokio::test]
async fn a_passed_check_leaves_the_visitor_where_they_are() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    db.store.put_progress(id, page("3"), &[]).await.unwrap();
    assert!(db.store.mark_passed(id, page("2")).await.unwrap());
    let session = db.session(id).await;
    assert_eq!(session.page, page("3"));
    assert!(session.progress.page(page("2")).unwrap().passed);
}

#[tokio::test]
async fn what_changes_nothing_is_not_told() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    db.store.put_progress(id, page("1"), &[1]).await.unwrap();
    let mut changes = db.store.changes();
    assert!(db.store.put_progress(id, page("1"), &[1]).await.unwrap());
    assert!(changes.try_recv().is_err());
}

#[tokio::test]
async fn an_ended_session_does_not_move() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    db.store.end(id, EndedReason::Expired, NOW).await.unwrap();
    assert!(!db.store.put_progress(id, page("1"), &[1]).await.unwrap());
    assert!(!db.store.mark_passed(id, page("1")).await.unwrap());
    assert!(!db.store.mark_entered(id, page("1")).await.unwrap());
    assert!(!db.store.put_facts(id, &BTreeMap::new()).await.unwrap());
}

#[tokio::test]
async fn facts_are_read_back() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    let facts = BTreeMap::from([("address".to_owned(), "10.0.0.2 \"é\"".to_owned())]);
    assert!(db.store.put_facts(id, &facts).await.unwrap());
    assert_eq!(db.session(id).await.facts, facts);
}

#[tokio::test]
async fn the_largest_progress_fits() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    let ran: Vec<u32> = (0..Progress::MAX_RAN as u32).map(|n| u32::MAX - n).collect();
    for n in 0..=Progress::MAX_PAGES {
        let page = page(&(60_000 + n).to_string());
        db.store.mark_entered(id, page).await.unwrap();
        db.store.mark_passed(id, page).await.unwrap();
        assert!(db.store.put_progress(id, page, &ran).await.unwrap());
    }
    assert_eq!(db.session(id).await.progress.pages().count(), Progress::MAX_PAGES);
}
