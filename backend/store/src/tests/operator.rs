//! An operator's act and its row of the audit are there together or not at all.

use domain::{EndedReason, SessionState};

use super::*;
use crate::{Extended, Extension, Maintenance};

async fn audit(db: &Db) -> Vec<String> {
    let page = db.store.list_audit(None, 100).await.unwrap();
    page.items.into_iter().map(|item| item.entry.action).collect()
}

/// From now on the audit takes nothing, as a full disk would have it.
async fn break_audit(db: &Db) {
    let mut write = db.store.write().await.unwrap();
    sqlx::query(
        "create trigger full before insert on audit begin select raise(abort, 'full'); end",
    )
    .execute(write.connection())
    .await
    .unwrap();
    write.commit().await.unwrap();
}

#[tokio::test]
async fn of_many_operators_who_end_a_session_one_did_it() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let mut ended = 0;
    for _ in 0..3 {
        let did = db.store.end_by_operator(session.id, &act("session.end"), NOW).await.unwrap();
        ended += usize::from(did);
    }
    assert_eq!((ended, audit(&db).await), (1, vec!["session.end".to_owned()]));
    let session = db.session(session.id).await;
    assert_eq!(session.ended_reason, Some(EndedReason::EndedByOperator));
}

#[tokio::test]
async fn an_operator_extends_beyond_the_visitors_count_and_leaves_it_alone() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let entry = act("session.extend");
    let extend = || db.store.extend_by_operator(session.id, HOUR, &entry, NOW);
    for hours in 1..=3 {
        let until = NOW.plus(DURATION + hours * HOUR);
        assert_eq!(extend().await.unwrap(), Extended::Until(until));
    }
    assert_eq!(db.session(session.id).await.extensions, 0);
    let own = db.store.extend(session.id, MINUTE, 1, NOW).await.unwrap();
    assert!(matches!(own, Extension::Until(_)), "{own:?}");
    db.store.end(session.id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    assert_eq!(extend().await.unwrap(), Extended::NotRunning);
    assert_eq!(audit(&db).await.len(), 3, "what was refused was not done");
}

#[tokio::test]
async fn time_that_does_not_run_is_not_extended() {
    let db = Db::new().await;
    let (starting, over) = (db.starting("198.51.100.7").await, db.running("198.51.101.7").await);
    for (id, now) in [(starting.id, NOW), (over.id, NOW.plus(DURATION))] {
        let done = db.store.extend_by_operator(id, HOUR, &act("session.extend"), now).await;
        assert_eq!(done.unwrap(), Extended::NotRunning);
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let network =
        NewBan { network: "192.0.2.1".parse().unwrap(), reason: String::new(), until: None };
    let ban = db.ban(&network, BanOrigin::Operator).await;
    break_audit(&db).await;
    let closed = Closed { on: true, message: None };
    assert!(db.store.end_by_operator(session.id, &act("a"), NOW).await.is_err());
    assert!(db.store.extend_by_operator(session.id, HOUR, &act("a"), NOW).await.is_err());
    assert!(db.store.ban_by_operator(&network, &act("a"), NOW).await.is_err());
    assert!(db.store.unban_by_operator(ban, |_| act("a"), NOW).await.is_err());
    assert!(db.store.put_maintenance(&closed, &act("a"), NOW).await.is_err());
    let after = db.session(session.id).await;
    assert_eq!((after.state, after.expires_at), (SessionState::Running, session.expires_at));
    assert_eq!(db.store.list_bans(None, 9, NOW).await.unwrap().items.len(), 1);
    assert!(!db.store.maintenance().await.unwrap().on);
}

#[tokio::test]
async fn the_configuration_and_run_time_close_the_service_each_by_itself() {
    let db = Db::new().await;
    let configured = |on: bool| Closed { on, message: Some("Configured.".to_owned()) };
    let now = |on: bool, message: Option<&str>, configured: bool| Maintenance {
        on,
        message: message.map(str::to_owned),
        configured,
    };
    db.store.configure(&configured(true), &[], NOW).await.unwrap();
    assert_eq!(db.store.maintenance().await.unwrap(), now(true, Some("Configured."), true));
    db.close(Some("Now.")).await;
    assert_eq!(db.store.maintenance().await.unwrap(), now(true, Some("Now."), true));
    db.store.configure(&configured(false), &[], NOW).await.unwrap();
    assert_eq!(db.store.maintenance().await.unwrap(), now(true, Some("Now."), false));
    let opened = db.store.put_maintenance(&Closed::default(), &act("a"), NOW).await.unwrap();
    assert_eq!(opened, now(false, None, false), "words of a switch that is off are none");
}
