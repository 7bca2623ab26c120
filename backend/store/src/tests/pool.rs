//! Of many who would have a container of the pool, each gets another one.

use std::collections::BTreeSet;

use domain::{EndedReason, InstanceState, SessionState};

use super::*;

/// A container that is being made for the pool since `at`.
async fn warming(db: &Db, at: UnixMs) -> InstanceName {
    let new = NewInstance {
        project: "default".parse().unwrap(),
        source: "shell".parse().unwrap(),
        generation: "g1".to_owned(),
    };
    db.store.add_instance(&new, InstanceName::candidates(), at).await.unwrap()
}

#[tokio::test]
async fn a_start_takes_over_what_is_being_made_for_the_pool() {
    let db = Db::new().await;
    let (first, second) = (warming(&db, NOW).await, warming(&db, NOW.plus(SECOND)).await);
    let later = NOW.plus(MINUTE);
    let session = db.start(&from("198.51.100.7"), &OPEN, later).await.unwrap().started();
    assert_eq!(session.state, SessionState::Starting);
    assert_eq!(name_of(&session), first, "what was begun first is ready first");
    let row = db.store.instance(&first).await.unwrap().unwrap();
    assert_eq!((row.session, row.changed_at), (Some(session.id), later));
    assert_eq!(db.store.instance(&second).await.unwrap().unwrap().session, None);

    assert!(!db.store.discard_instance(&first, later).await.unwrap(), "the pool has lost it");
    let ready = db.store.instance_ready(&first, DURATION, later.plus(SECOND)).await.unwrap();
    assert_eq!(ready, Ready::Claimed(session.id));
    assert_eq!(db.session(session.id).await.expires_at, Some(later.plus(SECOND).plus(DURATION)));
    let ready = db.store.instance_ready(&second, DURATION, later).await.unwrap();
    assert_eq!(ready, Ready::Warm);
}

#[tokio::test]
async fn what_failed_is_of_another_generation_or_source_is_left_to_the_pool() {
    let db = Db::new().await;
    let failed = warming(&db, NOW).await;
    db.store.record_failure(&failed, "no space", NOW).await.unwrap();
    let old = NewSession { generation: "g2".to_owned(), ..from("198.51.100.7") };
    let other = NewSession { source: "lxd".parse().unwrap(), ..from("198.51.100.8") };
    for new in [from("198.51.100.6"), old, other] {
        let session = db.start(&new, &OPEN, NOW).await.unwrap().started();
        assert_ne!(name_of(&session), failed);
    }
    assert_eq!(db.store.instance(&failed).await.unwrap().unwrap().session, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_container_of_the_pool_is_given_to_two_of_many() {
    let db = Db::new().await;
    for n in 0..20 {
        db.warm(NOW.plus(n * SECOND)).await;
    }
    for n in 0..20 {
        warming(&db, NOW.plus(n * SECOND)).await;
    }
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let names = InstanceName::candidates();
                let new = from(&address(n));
                store.start(&new, &OPEN, DURATION, names, NOW.plus(MINUTE)).await.unwrap().started()
            })
        })
        .collect();
    let mut names = BTreeSet::new();
    let mut running = 0;
    for task in tasks {
        let session = task.await.unwrap();
        assert!(names.insert(name_of(&session)), "each has its own");
        running += usize::from(session.state == SessionState::Running);
    }
    assert_eq!((names.len(), running), (200, 20));
    let rows = db.store.instances().await.unwrap();
    assert_eq!(rows.len(), 200, "all of the pool's were used before others were begun");
    assert_eq!(rows.iter().filter(|row| row.state == InstanceState::Claimed).count(), 20);
}

#[tokio::test]
async fn an_adopted_container_goes_with_its_session() {
    let db = Db::new().await;
    let name = warming(&db, NOW).await;
    let session = db.starting("198.51.100.7").await;
    assert_eq!(name_of(&session), name);
    assert!(db.store.end(session.id, EndedReason::EndedByVisitor, NOW).await.unwrap());
    let row = db.store.instance(&name).await.unwrap().unwrap();
    assert_eq!((row.state, row.session), (InstanceState::Deleting, Some(session.id)));
    assert_eq!(db.store.occupancy().await.unwrap().used, 1, "its place is free when it is gone");
}
