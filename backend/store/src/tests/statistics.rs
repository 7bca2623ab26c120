//! Statistics say what counting the sessions one by one says, for every period and network, and outlive the sessions.

use std::collections::{BTreeMap, HashSet};

use domain::{Buckets, EndedReason, Network, Period, SessionState};
use proptest::prelude::*;
use sqlx::{Connection, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};

use super::*;
use crate::{Counts, Ends, FeedbackFilter, Lost, Statistics};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Visitors' addresses: two of them are one visitor, and one is IPv4 in IPv6's clothes.
const ADDRESSES: [&str; 6] = [
    "198.51.100.7",
    "::ffff:198.51.100.8",
    "203.0.113.9",
    "2001:db8:1:2::3",
    "2001:db8:1:2::4",
    "2001:db8:1:3::3",
];
const NETWORKS: [&str; 6] =
    ["198.51.100.0/24", "0.0.0.0/0", "::/0", "2001:db8:1:2::/64", "198.51.100.8", "10.0.0.0/8"];

/// What becomes of a session.
#[derive(Clone, Copy, Debug)]
enum Fate {
    LeavesTheQueue,
    FailsToStart,
    Runs(Duration),
    Lives,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::LeavesTheQueue),
        Just(Fate::FailsToStart),
        (0..90_u64).prop_map(|minutes| Fate::Runs(Duration::from_secs(60 * minutes))),
        Just(Fate::Lives),
    ]
}

/// Sessions that came one after the other, each some time after the one before.
fn lives() -> impl Strategy<Value = Vec<(Duration, usize, Fate)>> {
    let pause = prop_oneof![
        (0..3600_u64).prop_map(Duration::from_secs),
        (0..100_u64).prop_map(|hours| Duration::from_secs(3600 * hours)),
        (0..100_u64).prop_map(|days| Duration::from_secs(24 * 3600 * days)),
    ];
    prop::collection::vec((pause, 0..ADDRESSES.len(), fate()), 1..30)
}

impl Db {
    async fn live(&self, address: &str, fate: Fate, at: UnixMs) -> Session {
        let queue = StartLimits { max: 0, queue_max: 1, ..OPEN };
        let limits = if matches!(fate, Fate::LeavesTheQueue) { &queue } else { &OPEN };
        let session = self.start(&from(address), limits, at).await.unwrap().started();
        let later = at.plus(SECOND);
        match fate {
            Fate::LeavesTheQueue => {
                let left = Lost::Left { last_seen_at: at };
                assert!(self.store.lose(session.id, left, later).await.unwrap());
            }
            Fate::FailsToStart => {
                assert!(self.store.end(session.id, EndedReason::StartFailed, later).await.unwrap());
            }
            Fate::Runs(time) => {
                self.store.instance_ready(&name_of(&session), DURATION, later).await.unwrap();
                let end = later.plus(time);
                assert!(self.store.end(session.id, EndedReason::Expired, end).await.unwrap());
            }
            Fate::Lives => {}
        }
        self.session(session.id).await
    }

    async fn count(&self, period: Period, network: Option<&str>, now: UnixMs) -> Statistics {
        let network = network.map(|network| network.parse::<Network>().unwrap());
        let buckets = self.buckets(period, now).await;
        self.store.statistics(&buckets, network.as_ref()).await.unwrap()
    }

    async fn buckets(&self, period: Period, now: UnixMs) -> Buckets {
        period.buckets(self.store.first_session().await.unwrap(), now).unwrap()
    }
}

/// Counts one by one.
fn naive(sessions: &[Session], buckets: &Buckets, network: Option<&str>) -> Statistics {
    let network = network.map(|network| network.parse::<Network>().unwrap());
    let address =
        |session: &Session| session.address.as_ref().unwrap().parse::<std::net::IpAddr>().unwrap();
    let counts = |sessions: &[&Session]| Counts {
        sessions: sessions.len() as u64,
        started: sessions.iter().filter(|session| session.running_at.is_some()).count() as u64,
        visitors: sessions
            .iter()
            .map(|session| domain::ClientAddress::from(address(session)).address_key())
            .collect::<HashSet<_>>()
            .len() as u64,
    };
    let all: Vec<&Session> = sessions
        .iter()
        .filter(|session| network.is_none_or(|network| network.contains(address(session))))
        .filter(|session| buckets.since.is_none_or(|since| session.created_at >= since))
        .collect();
    let mut pieces = vec![Vec::new(); buckets.starts.len()];
    for session in &all {
        pieces[buckets.position(session.created_at)].push(*session);
    }
    let mut ends = Ends::default();
    for session in &all {
        let Some(reason) = session.ended_reason else { continue };
        *ends.reasons.entry(reason).or_default() += 1;
        if let (Some(ran), Some(end)) = (session.running_at, session.ended_at) {
            ends.runs += 1;
            ends.run += end.since(ran);
        }
    }
    Statistics {
        whole: counts(&all),
        series: pieces.iter().map(|piece| counts(piece)).collect(),
        ends: network.is_none().then_some(ends),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn they_are_what_counting_one_by_one_says(lives in lives()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = Db::new().await;
            let (mut now, mut sessions) = (NOW, Vec::new());
            for (pause, address, fate) in lives {
                now = now.plus(pause);
                sessions.push(db.live(ADDRESSES[address], fate, now).await);
            }
            now = now.plus(MINUTE);
            for period in Period::ALL {
                if *period == Period::Current {
                    continue;
                }
                let buckets = db.buckets(*period, now).await;
                for network in [None].into_iter().chain(NETWORKS.map(Some)) {
                    assert_eq!(
                        db.count(*period, network, now).await,
                        naive(&sessions, &buckets, network),
                        "{period} {network:?}"
                    );
                }
            }
        });
    }
}

#[tokio::test]
async fn a_wide_network_is_counted_as_a_narrow_one() {
    let db = Db::new().await;
    let mut write = db.store.write().await.unwrap();
    // More than are looked at one by one, of which every tenth comes from the network, each visitor twice.
    sqlx::query(
        "with recursive past(i) as (select 0 union all select i + 1 from past where i < 119999)
         insert into session (id, token_hash, state, ended_reason, address_key, network_key, visitor, terms_hash,
                              terms_lang, terms_at, source, page, created_at, last_seen_at, ended_at, ip, previous_at)
         select printf('%036d', i), cast(printf('%032d', i) as blob), 'ended', 'left_queue', 'a', 'n',
                cast(printf('%032d', i % 60000) as blob), zeroblob(32), 'en', 0, 'shell', '1', ?1 + i * 1000, 0, 0,
                unhex(printf('00000000000000000000ffff%02x00%04x', iif(i % 10, 10, 11), i % 60000)),
                iif(i >= 60000, ?1 + (i - 60000) * 1000, null)
           from past",
    )
    .bind(NOW.0)
    .execute(write.connection())
    .await
    .unwrap();
    write.commit().await.unwrap();
    let now = NOW.plus(120_000 * SECOND);
    for period in [Period::Total, Period::Month, Period::Week] {
        for (network, sessions, visitors) in
            [("10.0.0.0/8", 108_000, 54_000), ("11.0.0.0/8", 12_000, 6000)]
        {
            let counted = db.count(period, Some(network), now).await;
            let whole = Counts { sessions, started: 0, visitors };
            assert_eq!(counted.whole, whole, "{period} {network}");
            let pieces: u64 = counted.series.iter().map(|piece| piece.sessions).sum();
            assert_eq!(pieces, sessions);
        }
    }
    let hour = db.count(Period::Hour, Some("10.0.0.0/8"), now).await.whole;
    assert!(hour.sessions > 3100 && hour.visitors == hour.sessions, "{hour:?}");
}

#[tokio::test]
async fn figures_outlive_the_sessions_they_were_counted_from() {
    let db = Db::new().await;
    for (day, address) in ADDRESSES.iter().enumerate() {
        let at = NOW.plus(day as u32 * DAY);
        db.live(address, Fate::Runs(MINUTE), at).await;
    }
    let now = NOW.plus(5 * DAY);
    let before = db.count(Period::Total, None, now).await;
    assert_eq!(before.whole, Counts { sessions: 6, started: 6, visitors: 5 });
    let ends = before.ends.as_ref().unwrap();
    assert_eq!((ends.runs, ends.run), (6, 6 * MINUTE));
    assert_eq!(ends.reasons, BTreeMap::from([(EndedReason::Expired, 6)]));
    for sql in ["delete from instance", "delete from session"] {
        db.store.change(sqlx::query(sql)).await.unwrap();
    }
    assert_eq!(db.count(Period::Total, None, now).await, before);
}

#[tokio::test]
async fn what_lives_now_is_counted_by_state() {
    let db = Db::new().await;
    let now = db.store.present(None).await.unwrap();
    assert_eq!((now.counts, now.states.len()), (Counts::default(), 0));
    db.live("203.0.113.9", Fate::Runs(MINUTE), NOW).await;
    db.running("198.51.100.7").await;
    db.running("198.51.100.7").await;
    db.starting("2001:db8::1").await;
    let limits = StartLimits { max: 0, queue_max: 1, ..OPEN };
    db.start(&from("2001:db8::2"), &limits, NOW).await.unwrap().started();
    let now = db.store.present(None).await.unwrap();
    assert_eq!(now.counts, Counts { sessions: 4, started: 2, visitors: 2 });
    let states =
        [(SessionState::Queued, 1), (SessionState::Starting, 1), (SessionState::Running, 2)];
    assert_eq!(now.states, BTreeMap::from(states));
    let ipv6 = db.store.present(Some(&"::/0".parse().unwrap())).await.unwrap();
    assert_eq!(ipv6.counts, Counts { sessions: 2, started: 0, visitors: 1 });
}

#[tokio::test]
async fn who_asks_waits_for_others_who_ask_and_visitors_do_not() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    let busy = db.store.reports().await.unwrap();
    let asked = tokio::spawn({
        let store = db.store.clone();
        async move { store.present(None).await }
    });
    // So does whoever looks through all feedback for what is not in it.
    let searched = tokio::spawn({
        let store = db.store.clone();
        async move { store.list_feedback(&FeedbackFilter::default(), None, 10).await }
    });
    db.session(session.id).await;
    db.starting("198.51.100.8").await;
    assert!(!asked.is_finished() && !searched.is_finished(), "their turn has not come");
    drop(busy);
    assert_eq!(asked.await.unwrap().unwrap().counts.sessions, 2);
    assert!(searched.await.unwrap().unwrap().items.is_empty());
}

/// A database as it was before statistics were counted, with sessions of one visitor by IPv4 and one by IPv6.
async fn old_database(path: &std::path::Path) {
    let migrations = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"));
    let old = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(migrations).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap() < "0007" {
            std::fs::copy(file.path(), old.path().join(file.file_name())).unwrap();
        }
    }
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    Migrator::new(old.path()).await.unwrap().run(&mut connection).await.unwrap();
    for (n, address, visitor, days) in
        [(1, "198.51.100.7", 7, 0), (2, "2001:db8::1", 8, 0), (3, "198.51.100.7", 7, 40)]
    {
        sqlx::query(
            "insert into session (id, token_hash, state, ended_reason, address, address_key, network_key, visitor,
                                  terms_hash, terms_lang, terms_at, source, page, created_at, running_at,
                                  last_seen_at, ended_at)
             values (printf('%036d', ?1), cast(printf('%032d', ?1) as blob), 'ended', 'expired', ?2, ?2, ?2,
                     cast(printf('%032d', ?3) as blob), zeroblob(32), 'en', 0, 'shell', '1', ?4, ?4, 0, ?4 + 60000)",
        )
        .bind(n)
        .bind(address)
        .bind(visitor)
        .bind(NOW.plus(days * DAY).0)
        .execute(&mut connection)
        .await
        .unwrap();
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn sessions_of_before_are_counted_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tryit.db");
    old_database(&path).await;
    let db = Db { store: Store::open(&path).await.unwrap(), directory };
    db.live("203.0.113.9", Fate::Runs(MINUTE), NOW.plus(41 * DAY)).await;
    let now = NOW.plus(42 * DAY);
    let total = db.count(Period::Total, None, now).await;
    assert_eq!(total.whole, Counts { sessions: 4, started: 4, visitors: 3 });
    let visitors: Vec<u64> = total.series.iter().map(|piece| piece.visitors).collect();
    assert_eq!(visitors, [2, 2], "May and June");
    assert_eq!(total.ends.unwrap().run, 4 * MINUTE);
    let week = db.count(Period::Week, Some("198.51.100.0/24"), now).await.whole;
    assert_eq!(week, Counts { sessions: 1, started: 1, visitors: 1 });
    let wide = db.count(Period::Total, Some("0.0.0.0/0"), now).await.whole;
    assert_eq!(wide, Counts { sessions: 3, started: 3, visitors: 2 });
}
