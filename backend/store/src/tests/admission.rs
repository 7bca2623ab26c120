//! No limit can be raced, and each refusal says its first reason.

use std::collections::HashSet;

use domain::{EndedReason, InstanceName, InstanceState, SessionState, StartLimits, UnixMs};
use proptest::prelude::*;

use super::*;
use crate::{Claim, Lost, Occupancy};

/// What became of many simultaneous starts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    started: usize,
    queued: usize,
    refused: usize,
}

async fn race(db: &Db, starts: Vec<NewSession>, limits: StartLimits) -> Outcome {
    let tasks: Vec<_> = starts
        .into_iter()
        .map(|new| {
            let store = db.store.clone();
            tokio::spawn(async move {
                store.start(&new, &limits, DURATION, InstanceName::candidates(), NOW).await
            })
        })
        .collect();
    let mut outcome = Outcome::default();
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Admission::Started(session) if session.state == SessionState::Queued => {
                outcome.queued += 1
            }
            Admission::Started(_) => outcome.started += 1,
            Admission::Refused(_) => outcome.refused += 1,
            Admission::Existing(session) => panic!("nobody started {session:?} before"),
        }
    }
    outcome
}

fn many(count: u32) -> Vec<NewSession> {
    (0..count).map(|n| from(&address(n))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_simultaneous_starts_fill_five_places_and_ten_waiting() {
    let db = Db::new().await;
    let limits = StartLimits { max: 5, queue_max: 10, ..OPEN };
    let outcome = race(&db, many(200), limits).await;
    assert_eq!(outcome, Outcome { started: 5, queued: 10, refused: 185 });

    let instances = db.store.instances().await.unwrap();
    let owners: HashSet<_> = instances.iter().map(|instance| instance.session.unwrap()).collect();
    assert_eq!(
        (instances.len(), owners.len()),
        (5, 5),
        "one container each, and none for who waits"
    );
    assert_eq!(db.store.occupancy().await.unwrap(), Occupancy { used: 5, waiting: 10 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_queue_the_rest_is_refused() {
    let db = Db::new().await;
    let outcome = race(&db, many(200), StartLimits { max: 5, queue_max: 0, ..OPEN }).await;
    assert_eq!(outcome, Outcome { started: 5, queued: 0, refused: 195 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limits_of_address_network_and_hour_cannot_be_raced_either() {
    let same_address = || (0..50).map(|_| from("198.51.100.7")).collect();
    let same_network = (0..50).map(|n| from(&format!("198.51.100.{n}"))).collect();
    for (starts, limits) in [
        (same_address(), StartLimits { per_address: 3, ..OPEN }),
        (same_network, StartLimits { per_network: 3, ..OPEN }),
        (same_address(), StartLimits { per_hour: 3, ..OPEN }),
    ] {
        let db = Db::new().await;
        assert_eq!(
            race(&db, starts, limits).await,
            Outcome { started: 3, queued: 0, refused: 47 },
            "{limits:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_warm_container_is_claimed_twice() {
    let db = Db::new().await;
    for _ in 0..5 {
        db.warm(NOW).await;
    }
    assert_eq!(race(&db, many(20), StartLimits { max: 8, ..OPEN }).await.started, 8);
    let live = db.store.live_sessions().await.unwrap();
    let names: HashSet<_> = live.iter().map(name_of).collect();
    assert_eq!(names.len(), 8);
    assert_eq!(live.iter().filter(|session| session.state == SessionState::Running).count(), 5);
}

#[tokio::test]
async fn the_longest_waiting_warm_container_of_the_right_generation_runs_at_once() {
    let db = Db::new().await;
    let younger = db.warm(NOW.plus(SECOND)).await;
    let oldest = db.warm(NOW).await;
    let now = NOW.plus(MINUTE);

    let other = NewSession { generation: "g2".to_owned(), ..from("198.51.100.1") };
    let session = db.start(&other, &OPEN, now).await.unwrap().started();
    assert_eq!(
        session.state,
        SessionState::Starting,
        "a container of another generation will not do"
    );

    for expected in [oldest, younger] {
        let session = db.start(&from("198.51.100.2"), &OPEN, now).await.unwrap().started();
        assert_eq!(session.state, SessionState::Running);
        assert_eq!(name_of(&session), expected);
        assert_eq!((session.running_at, session.expires_at), (Some(now), Some(now.plus(DURATION))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_token_starts_one_session() {
    let db = Db::new().await;
    let key = "0123456789abcdef0123456789";
    let hash = TokenHash(db.store.derive_token(key));
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = db.store.clone();
            let new = NewSession { token_hash: hash, ..from(&address(n)) };
            tokio::spawn(async move {
                store.start(&new, &OPEN, DURATION, InstanceName::candidates(), NOW).await
            })
        })
        .collect();
    let mut ids = HashSet::new();
    let mut started = 0;
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Admission::Started(session) => {
                started += 1;
                ids.insert(session.id)
            }
            Admission::Existing(session) => ids.insert(session.id),
            Admission::Refused(refusal) => panic!("{refusal:?}"),
        };
    }
    assert_eq!((started, ids.len()), (1, 1));
    assert_eq!(db.store.instances().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_repeated_request_is_answered_whatever_has_happened_since() {
    let db = Db::new().await;
    let new = from("198.51.100.7");
    let session = db.start(&new, &OPEN, NOW).await.unwrap().started();
    db.store.end(session.id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    db.close(None).await;

    let again = NewSession { id: SessionId::random(), ..new };
    let Admission::Existing(found) = db.start(&again, &OPEN, NOW).await.unwrap() else {
        panic!("not found")
    };
    assert_eq!((found.id, found.state), (session.id, SessionState::Ended));
}

#[tokio::test]
async fn a_new_session_keeps_what_it_was_asked_for() {
    let db = Db::new().await;
    let new = from("::ffff:198.51.100.7");
    let session = db.start(&new, &OPEN, NOW).await.unwrap().started();
    assert_eq!(session, db.session(new.id).await);
    assert_eq!(session.address.as_deref(), Some("198.51.100.7"), "canonical");
    assert_eq!(session.tutorial, new.tutorial);
    assert_eq!(session.referrer, new.referrer);
    assert_eq!(session.campaign, new.campaign);
    assert_eq!(session.page, new.page);
    assert_eq!((session.created_at, session.expires_at), (NOW, None));

    let kept: (Vec<u8>, String, i64) =
        sqlx::query_as("select terms_hash, terms_lang, terms_at from session")
            .fetch_one(db.store.readers())
            .await
            .unwrap();
    assert_eq!(kept, (vec![7; 32], "en".to_owned(), NOW.0));
}

#[tokio::test]
async fn a_mapped_address_and_a_neighbour_in_the_same_64_count_as_one_visitor() {
    let db = Db::new().await;
    let limits = StartLimits { per_address: 1, ..OPEN };
    for (first, second) in [("198.51.100.7", "::ffff:198.51.100.7"), ("2001:db8::1", "2001:db8::2")]
    {
        db.start(&from(first), &limits, NOW).await.unwrap().started();
        let refusal = db.start(&from(second), &limits, NOW).await.unwrap().refused();
        assert_eq!(refusal, Refusal::AddressLimit);
    }
}

#[tokio::test]
async fn a_refusal_names_the_first_reason_and_writes_nothing() {
    let db = Db::new().await;
    db.starting("198.51.100.7").await;
    let all = StartLimits { max: 1, per_address: 1, per_network: 1, per_hour: 1, queue_max: 0 };
    let steps = [
        (all, Refusal::AddressLimit),
        (StartLimits { per_address: 2, ..all }, Refusal::NetworkLimit),
        (
            StartLimits { per_address: 2, per_network: 2, ..all },
            Refusal::StartRate { retry_after: Some(HOUR) },
        ),
        (StartLimits { per_address: 2, per_network: 2, per_hour: 2, ..all }, Refusal::QueueFull),
    ];
    for (limits, expected) in &steps {
        assert_eq!(
            &db.start(&from("198.51.100.7"), limits, NOW).await.unwrap().refused(),
            expected
        );
    }
    let ban =
        NewBan { network: "198.51.100.0/24".parse().unwrap(), reason: "flood".into(), until: None };
    db.ban(&ban, BanOrigin::Operator).await;
    assert_eq!(
        db.start(&from("198.51.100.7"), &all, NOW).await.unwrap().refused(),
        Refusal::Banned
    );

    db.close(Some("Back at noon.")).await;
    let refusal = db.start(&from("198.51.100.7"), &all, NOW).await.unwrap().refused();
    assert_eq!(refusal, Refusal::Maintenance { message: Some("Back at noon.".into()) });
    assert_eq!(db.store.live_sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_container_that_is_being_deleted_keeps_its_place() {
    let db = Db::new().await;
    let limits = StartLimits { max: 1, ..OPEN };
    let session = db.running("198.51.100.7").await;
    let name = name_of(&session);
    db.store.end(session.id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    assert_eq!(db.store.occupancy().await.unwrap().used, 1);
    assert_eq!(
        db.start(&from("198.51.100.8"), &limits, NOW).await.unwrap().refused(),
        Refusal::QueueFull
    );

    assert!(db.store.remove_instance(&name).await.unwrap());
    assert_eq!(db.store.occupancy().await.unwrap().used, 0);
    db.start(&from("198.51.100.8"), &limits, NOW).await.unwrap().started();
}

#[tokio::test]
async fn nobody_overtakes_who_waits() {
    let db = Db::new().await;
    let limits = StartLimits { max: 1, queue_max: 1, ..OPEN };
    let first = db.start(&from(&address(1)), &limits, NOW).await.unwrap().started();
    let waiting = db.start(&from(&address(2)), &limits, NOW).await.unwrap().started();
    assert_eq!(waiting.state, SessionState::Queued);
    assert_eq!(waiting.instance, None);

    db.store.end(first.id, EndedReason::EndedByVisitor, NOW).await.unwrap();
    db.store.remove_instance(&name_of(&first)).await.unwrap();
    let late = db.start(&from(&address(3)), &limits, NOW).await.unwrap().refused();
    assert_eq!(late, Refusal::QueueFull, "the place is free, but not for who comes last");
}

#[tokio::test]
async fn the_hourly_rate_counts_ended_sessions_and_says_when_to_return() {
    let db = Db::new().await;
    let limits = StartLimits { per_hour: 2, ..OPEN };
    for minutes in [0, 10] {
        let now = NOW.plus(minutes * MINUTE);
        let session = db.start(&from("198.51.100.7"), &limits, now).await.unwrap().started();
        db.store.end(session.id, EndedReason::EndedByVisitor, now).await.unwrap();
    }
    let now = NOW.plus(15 * MINUTE);
    let refusal = db.start(&from("198.51.100.7"), &limits, now).await.unwrap().refused();
    assert_eq!(refusal, Refusal::StartRate { retry_after: Some(45 * MINUTE) });

    let stricter = StartLimits { per_hour: 1, ..limits };
    let refusal = db.start(&from("198.51.100.7"), &stricter, now).await.unwrap().refused();
    assert_eq!(
        refusal,
        Refusal::StartRate { retry_after: Some(55 * MINUTE) },
        "both have to leave the hour"
    );

    let none = StartLimits { per_hour: 0, ..limits };
    let refusal = db.start(&from("198.51.100.9"), &none, now).await.unwrap().refused();
    assert_eq!(refusal, Refusal::StartRate { retry_after: None });

    db.start(&from("198.51.100.7"), &limits, NOW.plus(HOUR)).await.unwrap().started();
}

#[tokio::test]
async fn a_taken_name_is_passed_over() {
    let db = Db::new().await;
    let name: fn(&str) -> InstanceName = |text| text.parse().unwrap();
    let names = ["tryit-a", "tryit-a", "tryit-b"].map(name);
    for expected in ["tryit-a", "tryit-b"] {
        let new = from("198.51.100.7");
        let admission =
            db.store.start(&new, &OPEN, DURATION, names.clone().into_iter(), NOW).await.unwrap();
        assert_eq!(name_of(&admission.started()).as_str(), expected);
    }
    let failed =
        db.store.start(&from("198.51.100.7"), &OPEN, DURATION, names.into_iter(), NOW).await;
    assert!(matches!(failed, Err(crate::Error::NoFreeName)));
    assert_eq!(
        db.store.live_sessions().await.unwrap().len(),
        2,
        "a start that failed leaves nothing"
    );
}

#[derive(Clone, Debug)]
enum Step {
    Start(u32),
    Ready(usize),
    End(usize),
    Gone(usize),
    Offer,
    Claim(usize),
    Lapse(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..4_u32).prop_map(Step::Start),
        2 => (0..8_usize).prop_map(Step::Ready),
        2 => (0..8_usize).prop_map(Step::End),
        2 => (0..8_usize).prop_map(Step::Gone),
        2 => Just(Step::Offer),
        2 => (0..8_usize).prop_map(Step::Claim),
        1 => (0..8_usize).prop_map(Step::Lapse),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order, no limit is passed, and every live session that has a place has exactly
    /// one container.
    #[test]
    fn limits_and_containers_hold_in_any_order(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = Db::new().await;
            let limits = StartLimits { max: 4, per_address: 2, per_network: 3, per_hour: 100, queue_max: 2 };
            for (at, step) in steps.into_iter().enumerate() {
                let now = UnixMs(NOW.0 + at as i64);
                let live = db.store.live_sessions().await.unwrap();
                let instances = db.store.instances().await.unwrap();
                match step {
                    Step::Start(n) => drop(db.start(&from(&address(n)), &limits, now).await.unwrap()),
                    Step::Ready(n) => {
                        if let Some(instance) = instances.get(n) {
                            db.store.instance_ready(&instance.at.name, DURATION, now).await.unwrap();
                        }
                    }
                    Step::End(n) => {
                        if let Some(session) = live.get(n) {
                            assert!(db.store.end(session.id, EndedReason::EndedByVisitor, now).await.unwrap());
                        }
                    }
                    Step::Gone(n) => {
                        if let Some(instance) = instances.get(n) {
                            let gone = db.store.remove_instance(&instance.at.name).await.unwrap();
                            assert_eq!(gone, instance.state == InstanceState::Deleting);
                        }
                    }
                    Step::Offer => drop(db.store.offer(limits.max, now.plus(MINUTE)).await.unwrap()),
                    Step::Claim(n) => {
                        if let Some(session) = live.get(n) {
                            let claim = queue::claim(db.store.clone(), session.id).await;
                            let taken = matches!(claim, Claim::Taken(_));
                            assert_eq!(taken, session.state == SessionState::Offered);
                        }
                    }
                    Step::Lapse(n) => {
                        if let Some(session) = live.get(n) {
                            let lapsed = db.store.lose(session.id, Lost::Lapsed, now).await.unwrap();
                            assert_eq!(lapsed, session.state == SessionState::Offered);
                        }
                    }
                }
                check(&db, &limits).await;
            }
        });
    }
}

async fn check(db: &Db, limits: &StartLimits) {
    let live = db.store.live_sessions().await.unwrap();
    let instances = db.store.instances().await.unwrap();
    let occupancy = db.store.occupancy().await.unwrap();
    assert!(
        occupancy.used <= u64::from(limits.max) && occupancy.waiting <= u64::from(limits.queue_max)
    );
    for n in 0..4 {
        let mine =
            live.iter().filter(|session| session.address.as_deref() == Some(&address(n))).count();
        assert!(mine <= limits.per_address as usize);
    }
    for session in &live {
        let own: Vec<_> = instances
            .iter()
            .filter(|instance| {
                instance.session == Some(session.id) && instance.state != InstanceState::Deleting
            })
            .map(|instance| instance.state)
            .collect();
        let expected: &[InstanceState] = match session.state {
            SessionState::Starting => &[InstanceState::Creating],
            SessionState::Running => &[InstanceState::Claimed],
            _ => &[],
        };
        assert_eq!(own, expected);
    }
}
