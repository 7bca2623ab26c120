//! Containers from their creation to their end.

use domain::ServerId;
use provider::{CreateSpec, Error, InstanceStatus, Provider};

use crate::{
    assert_error,
    support::{nobody, test},
};

#[test]
fn a_container_is_made_started_seen_and_deleted() {
    test(|server| async move {
        let lxd = &server.lxd;
        let instance = server.create("a", server.source()).await.unwrap();
        let made = lxd.get(&instance).await.unwrap().unwrap();
        assert_eq!((made.status, made.mark), (InstanceStatus::Stopped, Some(server.mark)));
        lxd.start(&instance, nobody()).await.unwrap();
        let listed = lxd.list(server.projects()).await.unwrap();
        let seen = listed.iter().find(|seen| seen.instance == instance).unwrap();
        assert_eq!(seen.status, InstanceStatus::Running);
        lxd.delete(&instance, server.mark).await.unwrap();
        assert_eq!(lxd.get(&instance).await.unwrap(), None);
    });
}

#[test]
fn everything_may_be_said_twice() {
    test(|server| async move {
        let lxd = &server.lxd;
        let instance = server.create("a", server.source()).await.unwrap();
        server.create("a", server.source()).await.unwrap();
        lxd.start(&instance, nobody()).await.unwrap();
        lxd.start(&instance, nobody()).await.unwrap();
        lxd.delete(&instance, server.mark).await.unwrap();
        lxd.delete(&instance, server.mark).await.unwrap();
    });
}

#[test]
fn what_another_service_made_is_not_touched() {
    test(|server| async move {
        let lxd = &server.lxd;
        let instance = server.create("a", server.source()).await.unwrap();
        let other = ServerId::random();
        let spec = CreateSpec { instance: instance.clone(), mark: other, source: server.source() };
        assert_error!(lxd.create(&spec, nobody()).await, Error::NameTaken(_));
        assert_error!(lxd.delete(&instance, other).await, Error::Foreign(_));
        lxd.unmark(&instance).await.unwrap();
        assert_error!(lxd.delete(&instance, server.mark).await, Error::Foreign(_));
        assert_eq!(lxd.get(&instance).await.unwrap().unwrap().mark, None);
        assert!(
            lxd.list(server.projects()).await.unwrap().iter().all(|seen| seen.instance != instance)
        );
    });
}
