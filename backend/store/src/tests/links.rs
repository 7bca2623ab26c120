//! Links are one row a pair, counted within the transaction, and go with either session.

use domain::EndedReason;

use super::*;
use crate::{Linked, Reset};

const MAX: u32 = 2;

async fn link(db: &Db, one: &Session, other: &Session) -> Linked {
    db.store.link(one.id, other.id, MAX, NOW).await.unwrap()
}

/// The names of the containers of each link, in order.
async fn pairs(db: &Db) -> Vec<[InstanceName; 2]> {
    let links = db.store.live_links().await.unwrap();
    let pair = |ends: [crate::LinkEnd; 2]| {
        let mut names = ends.map(|end| end.instance.name);
        names.sort();
        names
    };
    links.into_iter().map(pair).collect()
}

fn pair_of(one: &Session, other: &Session) -> [InstanceName; 2] {
    let mut names = [name_of(one), name_of(other)];
    names.sort();
    names
}

#[tokio::test]
async fn a_pair_is_linked_once_whoever_asks() {
    let db = Db::new().await;
    let (a, b) = (db.running("198.51.100.7").await, db.running("198.51.100.7").await);
    assert_eq!(link(&db, &a, &b).await, Linked::Done);
    assert_eq!(link(&db, &b, &a).await, Linked::Done);
    assert_eq!(pairs(&db).await, [pair_of(&a, &b)]);
}

#[tokio::test]
async fn only_two_that_run_are_linked() {
    let db = Db::new().await;
    let (a, b) = (db.running("198.51.100.7").await, db.starting("198.51.100.7").await);
    assert_eq!(link(&db, &a, &a).await, Linked::Same);
    for (one, other) in [(&a, &b), (&b, &a)] {
        assert_eq!(link(&db, one, other).await, Linked::NotRunning);
    }
    db.store.end(b.id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    for (one, other) in [(&a, &b), (&b, &a)] {
        assert_eq!(link(&db, one, other).await, Linked::Ended);
    }
    let unknown = db.store.link(a.id, SessionId::random(), MAX, NOW).await.unwrap();
    assert_eq!(unknown, Linked::Ended);
    assert_eq!(pairs(&db).await, [] as [[InstanceName; 2]; 0]);
}

#[tokio::test]
async fn a_link_goes_when_either_ends_and_the_other_is_told() {
    let db = Db::new().await;
    let (a, b, c) = (
        db.running("198.51.100.7").await,
        db.running("198.51.100.7").await,
        db.running("198.51.100.7").await,
    );
    assert_eq!(link(&db, &a, &b).await, Linked::Done);
    assert_eq!(link(&db, &c, &a).await, Linked::Done);
    let mut changes = db.store.changes();
    db.store.end(b.id, EndedReason::Expired, NOW).await.unwrap();
    let mut told = [changes.recv().await.unwrap(), changes.recv().await.unwrap()];
    let mut concerned = [a.id, b.id];
    told.sort();
    concerned.sort();
    assert_eq!(told, concerned);
    assert_eq!(pairs(&db).await, [pair_of(&a, &c)]);
    db.store.end_by_operator(a.id, &act("session.end"), NOW).await.unwrap();
    assert_eq!(pairs(&db).await, [] as [[InstanceName; 2]; 0]);
}

#[tokio::test]
async fn neither_side_gets_more_links_than_it_may_have() {
    let db = Db::new().await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(db.running("198.51.100.7").await);
    }
    let (one, two, three) = tokio::join!(
        link(&db, &all[1], &all[0]),
        link(&db, &all[2], &all[0]),
        link(&db, &all[0], &all[3]),
    );
    let many = [one, two, three];
    assert_eq!(many.iter().filter(|done| **done == Linked::Done).count(), 2, "{many:?}");
    assert_eq!(many.iter().filter(|done| **done == Linked::TooMany).count(), 1, "{many:?}");
    let linked = all[1..].iter().zip(&many).find(|(_, done)| **done == Linked::Done).unwrap().0;
    assert_eq!(link(&db, &all[0], linked).await, Linked::Done, "it is linked already");
}

#[tokio::test]
async fn a_link_lasts_over_a_reset_and_a_restart_but_not_with_the_old_container() {
    let db = Db::new().await;
    let (a, b) = (db.running("198.51.100.7").await, db.running("198.51.100.7").await);
    assert_eq!(link(&db, &a, &b).await, Linked::Done);
    let source = "shell".parse().unwrap();
    let project = "default".parse().unwrap();
    let fresh = crate::Container { source: &source, project: &project, generation: "g1" };
    let reset = db.store.reset(a.id, &fresh, DURATION, InstanceName::candidates(), NOW).await;
    assert_eq!(reset.unwrap(), Reset::Done);
    assert_eq!(pairs(&db).await, [] as [[InstanceName; 2]; 0], "the new container is not ready");
    let a_again = db.session(a.id).await;
    assert_ne!(name_of(&a_again), name_of(&a));
    db.store.instance_ready(&name_of(&a_again), DURATION, NOW).await.unwrap();
    let db = db.reopen().await.unwrap();
    assert_eq!(pairs(&db).await, [pair_of(&a_again, &b)]);
}
