//! The queue: in order, never more places than there are, and each place taken once.

use std::collections::HashSet;

use domain::{EndedReason, InstanceState, SessionState};

use super::*;
use crate::{Claim, Container, Extension, Line, Lost, Occupancy};

const LIMITS: StartLimits = StartLimits { max: 5, queue_max: 10, ..OPEN };
const UNTIL: UnixMs = UnixMs(NOW.0 + 60_000);

impl Db {
    /// Sessions from as many addresses, in this order.
    async fn come(&self, count: u32, limits: &StartLimits) -> Vec<Session> {
        let mut sessions = Vec::new();
        for n in 0..count {
            sessions.push(self.start(&from(&address(n)), limits, NOW).await.unwrap().started());
        }
        sessions
    }

    /// Ends a session and confirms that its container is gone.
    async fn leaves(&self, session: &Session) {
        let end = self.store.end(session.id, EndedReason::EndedByVisitor, NOW).await;
        assert!(end.unwrap());
        assert!(self.store.remove_instance(&name_of(session)).await.unwrap());
    }

    async fn claims(&self, id: SessionId) -> Claim {
        claim(self.store.clone(), id).await
    }

    async fn state(&self, id: SessionId) -> SessionState {
        self.session(id).await.state
    }
}

pub async fn claim(store: Store, id: SessionId) -> Claim {
    let (source, project) = ("shell".parse().unwrap(), "default".parse().unwrap());
    let wanted = Container { source: &source, generation: "g1", project: &project };
    store.claim(id, &wanted, DURATION, InstanceName::candidates(), NOW).await.unwrap()
}

fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

#[tokio::test]
async fn places_are_offered_in_order_and_never_more_than_there_are() {
    let db = Db::new().await;
    let sessions = db.come(15, &LIMITS).await;
    let waiting = ids(&sessions[5..]);
    assert_eq!(db.store.offer(5, UNTIL).await.unwrap(), [], "every place is taken");

    db.store.end(sessions[0].id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    assert_eq!(db.store.offer(5, UNTIL).await.unwrap(), [], "its container is still there");
    db.store.remove_instance(&name_of(&sessions[0])).await.unwrap();
    db.leaves(&sessions[1]).await;
    assert_eq!(db.store.offer(5, UNTIL).await.unwrap(), waiting[..2]);
    assert_eq!(db.store.offer(5, UNTIL).await.unwrap(), [], "what is offered is taken");
    let offered = db.session(waiting[0]).await;
    assert_eq!((offered.state, offered.offer_until), (SessionState::Offered, Some(UNTIL)));
    assert_eq!(db.store.occupancy().await.unwrap(), Occupancy { used: 5, waiting: 8 });

    assert_eq!(db.store.offer(4, UNTIL).await.unwrap(), [], "fewer places take away none");
    assert_eq!(db.store.offer(100, UNTIL).await.unwrap(), waiting[2..]);
}

#[tokio::test]
async fn the_line_is_who_waits_and_what_they_wait_for() {
    let db = Db::new().await;
    assert_eq!(db.store.line().await.unwrap(), Line::default());
    let sessions = db.come(8, &LIMITS).await;
    let ready = db.store.instance_ready(&name_of(&sessions[1]), DURATION, NOW).await.unwrap();
    assert_eq!(ready, Ready::Claimed(sessions[1].id));
    db.store.end(sessions[0].id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    db.store.end(sessions[5].id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    let line = db.store.line().await.unwrap();
    assert_eq!(line.waiting, ids(&sessions[6..]));
    assert_eq!((line.deleting, line.held.len()), (1, 4));
    let known: Vec<_> = line.held.iter().flatten().collect();
    assert_eq!(known, [&NOW.plus(DURATION)]);
}

#[tokio::test]
async fn a_claim_takes_a_warm_container_or_has_one_made() {
    let db = Db::new().await;
    let sessions = db.come(7, &LIMITS).await;
    for session in &sessions[..2] {
        db.leaves(session).await;
    }
    db.store.offer(5, UNTIL).await.unwrap();
    let warm = db.warm(NOW).await;

    let Claim::Taken(runs) = db.claims(sessions[5].id).await else { panic!("not taken") };
    assert_eq!((runs.state, name_of(&runs)), (SessionState::Running, warm));
    assert_eq!((runs.running_at, runs.expires_at), (Some(NOW), Some(NOW.plus(DURATION))));
    let Claim::Taken(starts) = db.claims(sessions[6].id).await else { panic!("not taken") };
    assert_eq!(starts.state, SessionState::Starting);
    let row = db.store.instance(&name_of(&starts)).await.unwrap().unwrap();
    assert_eq!((row.state, row.session), (InstanceState::Creating, Some(starts.id)));
    assert_eq!(db.store.occupancy().await.unwrap(), Occupancy { used: 5, waiting: 0 });
}

#[tokio::test]
async fn only_what_is_offered_can_be_claimed_and_a_second_time_answers_the_same() {
    let db = Db::new().await;
    let sessions = db.come(6, &LIMITS).await;
    let (first, last) = (&sessions[0], &sessions[5]);
    assert_eq!(db.claims(last.id).await, Claim::NotOffered, "it waits");
    assert_eq!(db.claims(first.id).await, Claim::NotOffered, "it never waited");
    db.leaves(first).await;
    assert_eq!(db.claims(first.id).await, Claim::Ended);
    db.store.offer(5, UNTIL).await.unwrap();

    let Claim::Taken(taken) = db.claims(last.id).await else { panic!("not taken") };
    assert_eq!(db.claims(last.id).await, Claim::Existing(taken.clone()));
    db.store.instance_ready(&name_of(&taken), DURATION, NOW).await.unwrap();
    let running = db.session(last.id).await;
    assert_eq!(db.claims(last.id).await, Claim::Existing(running));
    assert_eq!(db.store.instances().await.unwrap().len(), 5, "one container each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_simultaneous_claims_one_takes_the_place() {
    let db = Db::new().await;
    let sessions = db.come(6, &LIMITS).await;
    db.leaves(&sessions[0]).await;
    db.store.offer(5, UNTIL).await.unwrap();
    let id = sessions[5].id;
    let tasks: Vec<_> = (0..10).map(|_| tokio::spawn(claim(db.store.clone(), id))).collect();
    let (mut taken, mut existing) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Claim::Taken(_) => taken += 1,
            Claim::Existing(_) => existing += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((taken, existing), (1, 9));
    assert_eq!(db.store.instances().await.unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_claim_and_a_lapse_in_the_same_moment_one_wins() {
    let (mut claimed, mut lapsed) = (0, 0);
    for round in 0..30 {
        let db = Db::new().await;
        let limits = StartLimits { max: 1, ..LIMITS };
        let sessions = db.come(2, &limits).await;
        db.leaves(&sessions[0]).await;
        db.store.offer(1, UNTIL).await.unwrap();
        let (id, store) = (sessions[1].id, db.store.clone());
        let lapse = tokio::spawn(async move { store.lose(id, Lost::Lapsed, UNTIL).await.unwrap() });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        let claim = db.claims(id).await;
        match (&claim, lapse.await.unwrap(), db.state(id).await) {
            (Claim::Taken(_), false, SessionState::Starting) => claimed += 1,
            (Claim::Ended, true, SessionState::Ended) => lapsed += 1,
            other => panic!("{other:?}"),
        }
        let rows = db.store.instances().await.unwrap().len();
        assert_eq!(
            rows,
            usize::from(matches!(claim, Claim::Taken(_))),
            "no container without a session"
        );
    }
    assert_eq!(claimed + lapsed, 30);
}

#[tokio::test]
async fn whoever_comes_back_in_time_keeps_the_place() {
    let db = Db::new().await;
    let sessions = db.come(7, &LIMITS).await;
    let (back, gone) = (sessions[5].id, sessions[6].id);
    let left = Lost::Left { last_seen_at: NOW };
    let late = NOW.plus(30 * SECOND);
    db.store.touch_seen(back, late).await.unwrap();
    assert!(!db.store.lose(back, left, late).await.unwrap());
    assert!(db.store.lose(gone, left, late).await.unwrap());
    let ended = db.session(gone).await;
    assert_eq!(
        (ended.state, ended.ended_reason),
        (SessionState::Ended, Some(EndedReason::LeftQueue))
    );
    assert!(!db.store.lose(gone, left, late).await.unwrap(), "once");
    assert!(!db.store.lose(back, Lost::Lapsed, late).await.unwrap(), "nothing was offered");
    assert!(!db.store.lose(sessions[0].id, left, late).await.unwrap(), "it does not wait");
}

#[tokio::test]
async fn a_place_that_is_not_taken_is_the_next_ones() {
    let db = Db::new().await;
    let limits = StartLimits { max: 1, ..LIMITS };
    let sessions = db.come(4, &limits).await;
    db.leaves(&sessions[0]).await;
    assert_eq!(db.store.offer(1, UNTIL).await.unwrap(), [sessions[1].id]);
    assert!(db.store.lose(sessions[1].id, Lost::Lapsed, UNTIL).await.unwrap());
    let ended = db.session(sessions[1].id).await;
    assert_eq!(ended.ended_reason, Some(EndedReason::OfferLapsed));
    assert_eq!(db.store.offer(1, UNTIL).await.unwrap(), [sessions[2].id]);
    // Given up by its visitor it is free at once too.
    db.store.end(sessions[2].id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    assert_eq!(db.store.offer(1, UNTIL).await.unwrap(), [sessions[3].id]);
}

#[tokio::test]
async fn nobody_gets_more_time_while_others_wait() {
    let db = Db::new().await;
    let limits = StartLimits { max: 1, ..LIMITS };
    let sessions = db.come(2, &limits).await;
    db.store.instance_ready(&name_of(&sessions[0]), DURATION, NOW).await.unwrap();
    let extend = |max| db.store.extend(sessions[0].id, MINUTE, max, NOW);
    assert_eq!(extend(1).await.unwrap(), Extension::OthersWait);
    assert_eq!(extend(0).await.unwrap(), Extension::Refused, "not even without them");
    db.store.end(sessions[1].id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    assert_eq!(extend(1).await.unwrap(), Extension::Until(NOW.plus(DURATION).plus(MINUTE)));
}

#[tokio::test]
async fn offers_and_claims_tell_whom_they_concern() {
    let db = Db::new().await;
    let sessions = db.come(7, &LIMITS).await;
    db.leaves(&sessions[0]).await;
    db.leaves(&sessions[1]).await;
    let mut changes = db.store.changes();
    db.store.offer(5, UNTIL).await.unwrap();
    let told = HashSet::from([changes.recv().await.unwrap(), changes.recv().await.unwrap()]);
    assert_eq!(told, HashSet::from([sessions[5].id, sessions[6].id]));
    db.claims(sessions[6].id).await;
    assert_eq!(changes.recv().await, Ok(sessions[6].id));
    db.store.lose(sessions[5].id, Lost::Lapsed, UNTIL).await.unwrap();
    assert_eq!(changes.recv().await, Ok(sessions[5].id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_come_at_once_and_everybody_who_waits_gets_in_once() {
    let db = Db::new().await;
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let (store, new) = (db.store.clone(), from(&address(n)));
            tokio::spawn(async move {
                store.start(&new, &LIMITS, DURATION, InstanceName::candidates(), NOW).await.unwrap()
            })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        if let Admission::Refused(refusal) = task.await.unwrap() {
            assert_eq!(refusal, Refusal::QueueFull);
            refused += 1;
        }
    }
    assert_eq!(refused, 185);
    let order = db.store.line().await.unwrap().waiting;
    assert_eq!(order.len(), 10);

    let mut in_order = Vec::new();
    while db.store.occupancy().await.unwrap().used > 0 {
        let live = db.store.live_sessions().await.unwrap();
        let has_container = |session: &&Session| session.instance.is_some();
        db.leaves(live.iter().find(has_container).unwrap()).await;
        // Several look for a free place at once; one finds it.
        let (one, other) = tokio::join!(db.store.offer(5, UNTIL), db.store.offer(5, UNTIL));
        let offered = [one.unwrap(), other.unwrap()].concat();
        assert!(offered.len() <= 1, "one place was free");
        for id in offered {
            let (one, other) = tokio::join!(
                tokio::spawn(claim(db.store.clone(), id)),
                tokio::spawn(claim(db.store.clone(), id)),
            );
            let claims = [one.unwrap(), other.unwrap()];
            assert_eq!(claims.iter().filter(|claim| matches!(claim, Claim::Taken(_))).count(), 1);
            in_order.push(id);
        }
        assert!(db.store.occupancy().await.unwrap().used <= 5);
    }
    assert_eq!(in_order, order);
}
