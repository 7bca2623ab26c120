//! A reset against everything that may happen at the same time.

use domain::{EndedReason, InstanceState, SessionState, Setup};

use super::*;
use crate::{Container, Reset};

async fn reset(db: &Db, id: SessionId, now: UnixMs) -> Reset {
    let (source, project) = ("shell".parse().unwrap(), "default".parse().unwrap());
    let fresh = Container { source: &source, generation: "g1", project: &project };
    db.store.reset(id, &fresh, DURATION, InstanceName::candidates(), now).await.unwrap()
}

#[tokio::test]
async fn a_warm_container_takes_the_old_ones_place_at_once() {
    let db = Db::new().await;
    let before = db.running("198.51.100.7").await;
    let (page, warm) = ("2".parse().unwrap(), db.warm(NOW).await);
    db.store.put_progress(before.id, page, &[0, 3]).await.unwrap();
    db.store.mark_passed(before.id, page).await.unwrap();
    assert!(db.store.mark_entered(before.id, page).await.unwrap());
    db.store.set_setup(before.id, Setup::Pending, Setup::Done).await.unwrap();
    db.store.put_facts(before.id, &[("HOST".to_owned(), "a".to_owned())].into()).await.unwrap();
    let later = NOW.plus(MINUTE);

    assert_eq!(reset(&db, before.id, later).await, Reset::Done);
    let after = db.session(before.id).await;
    assert_eq!((after.state, name_of(&after)), (SessionState::Running, warm));
    assert_eq!((after.running_at, after.expires_at), (before.running_at, before.expires_at));
    assert_eq!((after.setup, after.page), (Setup::Pending, page));
    assert_eq!(after.facts.len(), 1);
    let done = after.progress.page(page).unwrap();
    assert!(done.passed && done.ran.len() == 2 && !done.entered, "{done:?}");
    assert!(db.store.mark_entered(before.id, page).await.unwrap(), "its scripts run again");
    assert_eq!(after.first_attached_at, Some(later), "nobody has to come for the first time");
    let old = db.store.instance(&name_of(&before)).await.unwrap().unwrap();
    assert_eq!((old.state, old.session), (InstanceState::Deleting, Some(before.id)));
    assert_eq!(db.store.occupancy().await.unwrap().used, 2, "until the old one is gone");
}

#[tokio::test]
async fn without_a_warm_one_the_session_starts_again_and_its_time_goes_on() {
    let db = Db::new().await;
    let before = db.running("198.51.100.7").await;
    assert_eq!(reset(&db, before.id, NOW.plus(MINUTE)).await, Reset::Done);
    let starting = db.session(before.id).await;
    assert_eq!(starting.state, SessionState::Starting);
    assert_eq!(starting.expires_at, before.expires_at);
    assert_ne!(starting.instance, before.instance);
    assert_eq!(reset(&db, before.id, NOW.plus(MINUTE)).await, Reset::NotRunning);

    let ready_at = NOW.plus(2 * MINUTE);
    let ready = db.store.instance_ready(&name_of(&starting), DURATION, ready_at).await.unwrap();
    assert_eq!(ready, Ready::Claimed(before.id));
    let after = db.session(before.id).await;
    assert_eq!((after.state, after.expires_at), (SessionState::Running, before.expires_at));
}

#[tokio::test]
async fn resets_are_bounded() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let old = name_of(&session);
    for n in 0..4 {
        db.warm(NOW.plus(n * SECOND)).await;
    }
    let at = NOW.plus(MINUTE);
    assert_eq!(reset(&db, session.id, at).await, Reset::Done);
    assert_eq!(reset(&db, session.id, at.plus(MINUTE)).await, Reset::UnderWay);
    assert!(db.store.remove_instance(&old).await.unwrap());
    let soon = at.plus(4 * SECOND);
    assert_eq!(reset(&db, session.id, soon).await, Reset::TooSoon(6 * SECOND));
    assert_eq!(reset(&db, session.id, at.plus(10 * SECOND)).await, Reset::Done);
    assert_eq!(db.store.occupancy().await.unwrap().used, 2);
}

#[tokio::test]
async fn what_does_not_run_is_not_reset() {
    let db = Db::new().await;
    let starting = db.starting("198.51.100.7").await;
    assert_eq!(reset(&db, starting.id, NOW).await, Reset::NotRunning);
    let ended = db.running("198.51.100.8").await;
    db.store.end(ended.id, EndedReason::Expired, NOW).await.unwrap();
    assert_eq!(reset(&db, ended.id, NOW).await, Reset::Ended);
    assert_eq!(reset(&db, SessionId::random(), NOW).await, Reset::Ended);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_resets_at_once_one_is_done() {
    let db = std::sync::Arc::new(Db::new().await);
    let session = db.running("198.51.100.7").await;
    for n in 0..50 {
        db.warm(NOW.plus(n * SECOND)).await;
    }
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (db, id) = (db.clone(), session.id);
            tokio::spawn(async move { reset(&db, id, NOW.plus(MINUTE)).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += usize::from(task.await.unwrap() == Reset::Done);
    }
    assert_eq!(done, 1);
    assert_eq!(db.store.occupancy().await.unwrap().used, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reset_and_an_end_leave_nothing_behind_in_either_order() {
    for _ in 0..20 {
        let db = std::sync::Arc::new(Db::new().await);
        let session = db.running("198.51.100.7").await;
        let ending = db.store.clone();
        let (resetting, id) = (db.clone(), session.id);
        let end = tokio::spawn(async move { ending.end(id, EndedReason::Expired, NOW).await });
        let reset = tokio::spawn(async move { reset(&resetting, id, NOW.plus(MINUTE)).await });
        assert!(end.await.unwrap().unwrap());
        let reset = reset.await.unwrap();
        assert!(matches!(reset, Reset::Done | Reset::Ended), "{reset:?}");
        assert_eq!(db.session(id).await.state, SessionState::Ended);
        let rows = db.store.instances().await.unwrap();
        assert_eq!(rows.len(), if reset == Reset::Done { 2 } else { 1 });
        assert!(rows.iter().all(|row| row.state == InstanceState::Deleting), "{rows:?}");
    }
}
