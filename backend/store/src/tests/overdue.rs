//! What is overdue is found when it is, and a restart makes nobody overdue.

use domain::EndedReason;

use super::*;
use crate::Serving;

/// Served since before everything.
fn at(now: UnixMs) -> Serving {
    Serving { now, since: UnixMs(0) }
}

#[tokio::test]
async fn a_session_expires_at_its_time_also_while_nobody_served() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let end = session.expires_at.unwrap();
    assert_eq!(db.store.expired_sessions(UnixMs(end.0 - 1)).await.unwrap(), []);
    assert_eq!(db.store.expired_sessions(end).await.unwrap(), [session.id]);
    db.store.end(session.id, EndedReason::Expired, end).await.unwrap();
    assert_eq!(db.store.expired_sessions(end).await.unwrap(), []);
}

#[tokio::test]
async fn a_start_is_stuck_after_a_while_or_some_failures() {
    let db = Db::new().await;
    let (slow, failing) = (db.starting("198.51.100.7").await, db.starting("198.51.100.8").await);
    db.running("198.51.100.9").await;
    let stuck = async |clock| db.store.stuck_sessions(clock, 2 * MINUTE, 3).await.unwrap();
    for tries in 0..3 {
        assert_eq!(stuck(at(NOW)).await, [], "after {tries} failures");
        db.store.record_failure(&name_of(&failing), "no space", NOW).await.unwrap();
    }
    assert_eq!(stuck(at(NOW)).await, [failing.id]);
    db.store.end(failing.id, EndedReason::StartFailed, NOW).await.unwrap();

    let late = NOW.plus(2 * MINUTE);
    assert_eq!(stuck(at(UnixMs(late.0 - 1))).await, []);
    assert_eq!(stuck(at(late)).await, [slow.id]);
    assert_eq!(
        stuck(Serving { now: late, since: NOW.plus(SECOND) }).await,
        [],
        "the restart gave it time"
    );
}

#[tokio::test]
async fn a_session_is_abandoned_when_nobody_ever_attached() {
    let db = Db::new().await;
    let (left, used) = (db.running("198.51.100.7").await, db.running("198.51.100.8").await);
    db.starting("198.51.100.9").await;
    db.store.attached(used.id, NOW).await.unwrap();
    let abandoned = async |clock| db.store.abandoned_sessions(clock, MINUTE).await.unwrap();
    let late = NOW.plus(MINUTE);
    assert_eq!(abandoned(at(UnixMs(late.0 - 1))).await, []);
    assert_eq!(abandoned(at(late)).await, [left.id]);
    assert_eq!(abandoned(Serving { now: late, since: NOW.plus(SECOND) }).await, []);
}

#[tokio::test]
async fn a_session_is_idle_without_browser_and_input() {
    let db = Db::new().await;
    let [quiet, watched, typed] = [
        db.running("198.51.100.7").await,
        db.running("198.51.100.8").await,
        db.running("198.51.100.9").await,
    ];
    let idle = async |clock| db.store.idle_sessions(clock, 15 * MINUTE).await.unwrap();
    db.store.touch_seen(watched.id, NOW.plus(MINUTE)).await.unwrap();
    db.store.touch_input(typed.id, NOW.plus(2 * MINUTE)).await.unwrap();

    assert_eq!(idle(at(NOW.plus(15 * MINUTE).minus(SECOND))).await, []);
    assert_eq!(idle(at(NOW.plus(15 * MINUTE))).await, [quiet.id]);
    assert_eq!(idle(at(NOW.plus(16 * MINUTE))).await, [quiet.id, watched.id]);
    assert_eq!(idle(at(NOW.plus(17 * MINUTE))).await, [quiet.id, watched.id, typed.id]);
    assert_eq!(idle(Serving { now: NOW.plus(HOUR), since: NOW.plus(50 * MINUTE) }).await, []);
}
