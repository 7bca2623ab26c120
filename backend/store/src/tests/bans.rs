//! Who is banned cannot start, whoever made the ban.

use super::*;
use crate::{Ban, Unban};

fn ban(network: &str, until: Option<UnixMs>) -> NewBan {
    NewBan { network: network.parse().unwrap(), reason: "flood".to_owned(), until }
}

async fn is_banned(db: &Db, address: &str, now: UnixMs) -> bool {
    match db.start(&from(address), &OPEN, now).await.unwrap() {
        Admission::Refused(refusal) => {
            assert_eq!(refusal, Refusal::Banned);
            true
        }
        _ => false,
    }
}

#[tokio::test]
async fn a_ban_covers_its_network_and_no_more() {
    let db = Db::new().await;
    db.ban(&ban("198.51.100.0/24", None), BanOrigin::Operator).await;
    db.ban(&ban("2001:db8:1::/48", None), BanOrigin::Operator).await;
    for (address, banned) in [
        ("198.51.100.0", true),
        ("198.51.100.255", true),
        ("::ffff:198.51.100.9", true),
        ("198.51.99.255", false),
        ("198.51.101.0", false),
        ("2001:db8:1:ffff::1", true),
        ("2001:db8:2::", false),
        ("2001:db8::ffff:ffff:ffff:ffff", false),
    ] {
        assert_eq!(is_banned(&db, address, NOW).await, banned, "{address}");
    }
}

#[tokio::test]
async fn a_ban_of_all_ipv4_spares_ipv6() {
    let db = Db::new().await;
    db.ban(&ban("0.0.0.0/0", None), BanOrigin::Operator).await;
    assert!(is_banned(&db, "203.0.113.1", NOW).await);
    assert!(!is_banned(&db, "2001:db8::1", NOW).await);
}

#[tokio::test]
async fn a_ban_of_ipv6_however_wide_spares_ipv4() {
    for network in ["::/0", "::/80", "::8000:0:0/81", "::fffe:0:0/95"] {
        let db = Db::new().await;
        db.ban(&ban(network, None), BanOrigin::Operator).await;
        assert!(!is_banned(&db, "0.0.0.0", NOW).await, "{network}");
        assert!(!is_banned(&db, "203.0.113.1", NOW).await, "{network}");
        assert!(!is_banned(&db, "255.255.255.255", NOW).await, "{network}");
        assert!(is_banned(&db, "::fffe:0:1", NOW).await, "{network}");
        assert_eq!(is_banned(&db, "2001:db8::1", NOW).await, network == "::/0", "{network}");
    }
}

#[tokio::test]
async fn a_ban_runs_out() {
    let db = Db::new().await;
    let until = NOW.plus(HOUR);
    db.ban(&ban("198.51.100.7", Some(until)), BanOrigin::Detector).await;
    assert!(is_banned(&db, "198.51.100.7", UnixMs(until.0 - 1)).await);
    assert_eq!(bans(&db, NOW).await.len(), 1);
    assert!(!is_banned(&db, "198.51.100.7", until).await);
    assert_eq!(bans(&db, until).await, []);
}

#[tokio::test]
async fn bans_of_the_configuration_are_replaced_and_those_of_run_time_stay() {
    let db = Db::new().await;
    let own = db.ban(&ban("198.51.100.7", None), BanOrigin::Operator).await;
    configure(&db, &[ban("203.0.113.0/24", None), ban("192.0.2.1", None)], NOW).await;
    let before = bans(&db, NOW).await;
    configure(&db, &[ban("203.0.113.77/24", None)], NOW.plus(HOUR)).await;

    let after = bans(&db, NOW).await;
    let listed: Vec<_> = after.iter().map(|ban| (ban.network.to_string(), ban.origin)).collect();
    assert_eq!(
        listed,
        [
            ("203.0.113.0/24".to_owned(), BanOrigin::Configuration),
            ("198.51.100.7/32".to_owned(), BanOrigin::Operator),
        ]
    );
    assert!(before.contains(&after[0]), "one that stays keeps its id and its age");
    assert_eq!(lift(&db, after[0].id).await, Unban::OfTheConfiguration);
    assert!(is_banned(&db, "203.0.113.1", NOW).await, "it would come back with the next load");
    assert_eq!(lift(&db, own).await, Unban::Lifted(after[1].clone()));
    assert_eq!(lift(&db, own).await, Unban::Absent);
    assert!(!is_banned(&db, "198.51.100.7", NOW).await);
}

async fn bans(db: &Db, now: UnixMs) -> Vec<Ban> {
    db.store.list_bans(None, 100, now).await.unwrap().items
}

async fn configure(db: &Db, bans: &[NewBan], now: UnixMs) {
    db.store.configure(&Closed::default(), bans, now).await.unwrap();
}

async fn lift(db: &Db, id: BanId) -> Unban {
    db.store.unban_by_operator(id, |_| act("ban.remove"), NOW).await.unwrap()
}
