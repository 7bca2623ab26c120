//! A container's row is there before the container, and until it is surely gone.

use domain::{EndedReason, InstanceState};

use super::*;

#[tokio::test]
async fn a_container_of_the_pool_becomes_warm_once_and_is_discarded_once() {
    let db = Db::new().await;
    let name = db.warm(NOW).await;
    assert_eq!(db.store.instance_ready(&name, DURATION, NOW).await.unwrap(), Ready::Unwanted);
    assert!(
        !db.store.remove_instance(&name).await.unwrap(),
        "only what was to be deleted is forgotten"
    );
    assert!(db.store.discard_instance(&name, NOW).await.unwrap());
    assert!(!db.store.discard_instance(&name, NOW).await.unwrap());
    assert_eq!(db.store.occupancy().await.unwrap().used, 0, "it was nobody's, so it held no place");
    assert!(db.store.remove_instance(&name).await.unwrap());
    assert_eq!(db.store.instances().await.unwrap(), []);
}

#[tokio::test]
async fn a_sessions_container_goes_only_with_its_session() {
    let db = Db::new().await;
    for session in [db.starting("198.51.100.7").await, db.running("198.51.100.8").await] {
        let name = name_of(&session);
        assert!(!db.store.discard_instance(&name, NOW).await.unwrap());
        assert!(!db.store.remove_instance(&name).await.unwrap());
        assert!(db.store.end(session.id, EndedReason::ContainerStopped, NOW).await.unwrap());
        assert!(db.store.remove_instance(&name).await.unwrap());
    }
}

#[tokio::test]
async fn failures_are_counted_until_something_changes() {
    let db = Db::new().await;
    let name = name_of(&db.starting("198.51.100.7").await);
    for tries in 1..=3 {
        let retry_at = NOW.plus(tries * SECOND);
        assert!(db.store.record_failure(&name, &"no space ".repeat(1000), retry_at).await.unwrap());
        let instance = db.store.instance(&name).await.unwrap().unwrap();
        assert_eq!((instance.attempts, instance.retry_at), (tries, Some(retry_at)));
        assert!(instance.last_error.unwrap().starts_with("no space"));
    }
    db.store.instance_ready(&name, DURATION, NOW).await.unwrap();
    let instance = db.store.instance(&name).await.unwrap().unwrap();
    assert_eq!((instance.attempts, instance.retry_at, instance.last_error), (0, None, None));
    assert!(!db.store.record_failure(&"tryit-none".parse().unwrap(), "gone", NOW).await.unwrap());
}

#[tokio::test]
async fn where_and_since_when_it_is_stopped_is_noted_once() {
    let db = Db::new().await;
    let name = name_of(&db.running("198.51.100.7").await);
    assert!(db.store.set_location(&name, Some("node2")).await.unwrap());
    assert!(!db.store.set_location(&name, Some("node2")).await.unwrap(), "nothing new");
    assert!(db.store.mark_stopped(&name, NOW).await.unwrap());
    assert!(!db.store.mark_stopped(&name, NOW.plus(SECOND)).await.unwrap());
    let instance = db.store.instance(&name).await.unwrap().unwrap();
    assert_eq!((instance.location.as_deref(), instance.stopped_at), (Some("node2"), Some(NOW)));
    assert!(db.store.clear_stopped(&name).await.unwrap());
    assert!(!db.store.clear_stopped(&name).await.unwrap());
    assert_eq!(db.store.instance(&name).await.unwrap().unwrap().stopped_at, None);
}

#[tokio::test]
async fn a_name_that_a_stranger_has_is_given_up() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let old = name_of(&session);
    let candidates = [old.clone(), "tryit-other".parse().unwrap()];
    let new = db
        .store
        .rename_instance(&old, candidates.into_iter(), NOW.plus(SECOND))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(new.as_str(), "tryit-other");
    assert_eq!(name_of(&db.session(session.id).await), new);
    let instance = db.store.instance(&new).await.unwrap().unwrap();
    assert_eq!((instance.state, instance.changed_at), (InstanceState::Creating, NOW.plus(SECOND)));

    db.store.instance_ready(&new, DURATION, NOW).await.unwrap();
    let renamed = db.store.rename_instance(&new, InstanceName::candidates(), NOW).await.unwrap();
    assert_eq!(renamed, None, "a container that exists keeps its name");
}

#[tokio::test]
async fn projects_are_known_as_long_as_a_row_names_them() {
    let db = Db::new().await;
    let new = NewSession { project: "lab".parse().unwrap(), ..from("198.51.100.7") };
    let session = db.start(&new, &OPEN, NOW).await.unwrap().started();
    db.starting("198.51.100.8").await;
    let projects = db.store.projects_in_use().await.unwrap();
    assert_eq!(
        projects.iter().map(|project| project.as_str()).collect::<Vec<_>>(),
        ["default", "lab"]
    );

    db.store.end(session.id, EndedReason::Expired, NOW).await.unwrap();
    assert_eq!(
        db.store.projects_in_use().await.unwrap().len(),
        2,
        "it is still to be deleted there"
    );
    db.store.remove_instance(&name_of(&session)).await.unwrap();
    assert_eq!(db.store.projects_in_use().await.unwrap().len(), 1);
}
