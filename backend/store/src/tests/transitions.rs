//! Of many who would change a session, one does.

use domain::{EndedReason, InstanceState, Phase, PhaseStep, SessionState, Setup};
use tokio::sync::broadcast::error::TryRecvError;

use super::*;
use crate::Extension;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_ends_exactly_once() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let tasks: Vec<_> = EndedReason::ALL
        .iter()
        .map(|reason| {
            let store = db.store.clone();
            tokio::spawn(
                async move { (reason, store.end(session.id, *reason, NOW).await.unwrap()) },
            )
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        let (reason, won) = task.await.unwrap();
        if won {
            winners.push(*reason);
        }
    }
    let ended = db.session(session.id).await;
    assert_eq!((ended.state, ended.ended_at), (SessionState::Ended, Some(NOW)));
    assert_eq!(winners, [ended.ended_reason.unwrap()]);

    let instance = db.store.instance(&name_of(&session)).await.unwrap().unwrap();
    assert_eq!((instance.state, instance.session), (InstanceState::Deleting, Some(session.id)));
    assert_eq!(ended.instance, None, "what is being deleted is the session's no more");
}

#[tokio::test]
async fn the_end_of_a_start_discards_the_container_that_was_being_made() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let name = name_of(&session);
    db.store.record_failure(&name, "no space", NOW.plus(MINUTE)).await.unwrap();
    assert!(db.store.end(session.id, EndedReason::StartFailed, NOW.plus(SECOND)).await.unwrap());

    let instance = db.store.instance(&name).await.unwrap().unwrap();
    assert_eq!(instance.state, InstanceState::Deleting);
    assert_eq!(
        (instance.attempts, instance.retry_at),
        (0, None),
        "deletion does not wait for the retry of a start"
    );
    assert_eq!(instance.changed_at, NOW.plus(SECOND));
    let ready = db.store.instance_ready(&name, DURATION, NOW).await.unwrap();
    assert_eq!(ready, Ready::Unwanted, "who was making it learns that it is not wanted");
}

#[tokio::test]
async fn time_runs_from_when_the_session_does() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let later = NOW.plus(5 * SECOND);
    let ready = db.store.instance_ready(&name_of(&session), DURATION, later).await.unwrap();
    assert_eq!(ready, Ready::Claimed(session.id));

    let running = db.session(session.id).await;
    assert_eq!(running.state, SessionState::Running);
    assert_eq!((running.running_at, running.expires_at), (Some(later), Some(later.plus(DURATION))));
    assert_eq!(running.instance, session.instance);
}

#[tokio::test]
async fn an_end_that_is_set_stays() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let mut write = db.store.write().await.unwrap();
    sqlx::query("update session set running_at = ?1, expires_at = ?2")
        .bind(NOW.0)
        .bind(NOW.plus(MINUTE).0)
        .execute(write.connection())
        .await
        .unwrap();
    write.commit().await.unwrap();

    db.store.instance_ready(&name_of(&session), DURATION, NOW.plus(SECOND)).await.unwrap();
    let running = db.session(session.id).await;
    assert_eq!((running.running_at, running.expires_at), (Some(NOW), Some(NOW.plus(MINUTE))));
}

#[tokio::test]
async fn a_phase_is_said_only_while_starting() {
    let db = Db::new().await;
    let phase =
        Phase { step: PhaseStep::Creating, message: "Unpacking".repeat(1000), percent: Some(40) };
    let session = db.starting("198.51.100.7").await;
    assert!(db.store.set_phase(session.id, &phase).await.unwrap());
    let told = db.session(session.id).await.phase.unwrap();
    assert_eq!((told.step, told.percent), (phase.step, phase.percent));
    assert!(
        phase.message.starts_with(&told.message) && told.message.len() == 500,
        "long words are cut"
    );

    db.store.instance_ready(&name_of(&session), DURATION, NOW).await.unwrap();
    assert_eq!(db.session(session.id).await.phase, None);
    assert!(!db.store.set_phase(session.id, &phase).await.unwrap());
}

#[tokio::test]
async fn setup_moves_only_from_where_it_is() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    assert!(db.store.set_setup(id, Setup::Pending, Setup::Running).await.unwrap());
    assert!(
        !db.store.set_setup(id, Setup::Pending, Setup::Running).await.unwrap(),
        "somebody else was first"
    );
    assert!(db.store.set_setup(id, Setup::Running, Setup::Done).await.unwrap());
    assert_eq!(db.session(id).await.setup, Setup::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_is_extended_as_often_as_allowed() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let expires_at = session.expires_at.unwrap();
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(
                async move { store.extend(session.id, 15 * MINUTE, 2, NOW).await.unwrap() },
            )
        })
        .collect();
    let mut granted = Vec::new();
    for task in tasks {
        if let Extension::Until(expires_at) = task.await.unwrap() {
            granted.push(expires_at);
        }
    }
    granted.sort();
    assert_eq!(granted, [expires_at.plus(15 * MINUTE), expires_at.plus(30 * MINUTE)]);
    assert_eq!(db.session(session.id).await.extensions, 2);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_extended() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let late = session.expires_at.unwrap();
    let refused = Extension::Refused;
    assert_eq!(db.store.extend(session.id, MINUTE, 9, late).await.unwrap(), refused);
    db.store.end(session.id, EndedReason::Expired, late).await.unwrap();
    assert_eq!(db.store.extend(session.id, MINUTE, 9, NOW).await.unwrap(), refused);
}

#[tokio::test]
async fn the_first_attach_counts_and_signs_of_life_are_written_every_ten_seconds() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    assert!(db.store.attached(id, NOW.plus(SECOND)).await.unwrap());
    assert!(!db.store.attached(id, NOW.plus(2 * SECOND)).await.unwrap());
    assert_eq!(db.session(id).await.first_attached_at, Some(NOW.plus(SECOND)));

    for (at, seen, input) in [(9, 0, 9), (10, 10, 9), (19, 10, 19), (20, 20, 19)] {
        let now = NOW.plus(at * SECOND);
        db.store.touch_seen(id, now).await.unwrap();
        db.store.touch_input(id, now).await.unwrap();
        let session = db.session(id).await;
        assert_eq!(session.last_seen_at, NOW.plus(seen * SECOND), "at {at} s");
        assert_eq!(session.last_input_at, Some(NOW.plus(input * SECOND)), "at {at} s");
    }
}

#[tokio::test]
async fn a_token_opens_its_own_session_only() {
    let db = Db::new().await;
    let (one, other) = (from("198.51.100.7"), from("198.51.100.8"));
    for new in [&one, &other] {
        db.start(new, &OPEN, NOW).await.unwrap().started();
    }
    let own = db.store.authenticate(one.id, &one.token_hash).await.unwrap();
    assert_eq!(own.unwrap().id, one.id);
    assert_eq!(db.store.authenticate(one.id, &other.token_hash).await.unwrap(), None);
    assert_eq!(db.store.authenticate(SessionId::random(), &one.token_hash).await.unwrap(), None);
    assert_eq!(db.store.session_of_token(&other.token_hash).await.unwrap().unwrap().id, other.id);
}

#[tokio::test]
async fn each_write_tells_its_session_after_the_commit_and_a_lost_race_tells_nothing() {
    let db = Db::new().await;
    let mut changes = db.store.changes();
    let session = db.running("198.51.100.7").await;
    assert_eq!(changes.recv().await, Ok(session.id));
    assert_eq!(changes.recv().await, Ok(session.id));

    assert!(db.store.end(session.id, EndedReason::Idle, NOW).await.unwrap());
    assert_eq!(changes.recv().await, Ok(session.id));
    assert!(!db.store.end(session.id, EndedReason::Idle, NOW).await.unwrap());
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));

    assert!(db.store.remove_instance(&name_of(&session)).await.unwrap());
    assert_eq!(changes.recv().await, Ok(session.id), "its place is free");
}

#[tokio::test]
async fn who_is_told_sees_what_was_written() {
    let db = Db::new().await;
    let mut changes = db.store.changes();
    let store = db.store.clone();
    let reader = tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Ok(id) = changes.recv().await {
            let session = store.session(id).await.unwrap().unwrap();
            seen.push(session.state);
            if session.state == SessionState::Ended {
                break;
            }
        }
        seen
    });
    let session = db.running("198.51.100.7").await;
    db.store.end(session.id, EndedReason::Idle, NOW).await.unwrap();
    assert_eq!(reader.await.unwrap().last(), Some(&SessionState::Ended));
}

#[tokio::test]
async fn a_write_that_is_given_up_leaves_nothing_and_blocks_nobody() {
    let db = Db::new().await;
    for _ in 0..20 {
        let new = from("198.51.100.7");
        let start = db.start(&new, &OPEN, NOW);
        // Dropped wherever it is when the time is up.
        let _ = tokio::time::timeout(Duration::from_micros(300), start).await;
        // Writers take turns: once this one had its own, a commit that was under way is over.
        db.store.check_writable().await.unwrap();
        let found = db.store.session(new.id).await.unwrap();
        let instances = db.store.instances().await.unwrap();
        let own = instances.iter().filter(|instance| instance.session == Some(new.id)).count();
        assert_eq!(own, usize::from(found.is_some()), "all of it or nothing");
    }
    db.starting("198.51.100.8").await;
}
