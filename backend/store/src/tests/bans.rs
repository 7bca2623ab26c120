//! Who is banned cannot start, whoever made the ban.

use domain::BanOrigin;

use super::*;
use crate::NewBan;

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
    db.store.add_ban(&ban("198.51.100.0/24", None), BanOrigin::Operator, NOW).await.unwrap();
    db.store.add_ban(&ban("2001:db8:1::/48", None), BanOrigin::Operator, NOW).await.unwrap();
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
    db.store.add_ban(&ban("0.0.0.0/0", None), BanOrigin::Operator, NOW).await.unwrap();
    assert!(is_banned(&db, "203.0.113.1", NOW).await);
    assert!(!is_banned(&db, "2001:db8::1", NOW).await);
}

#[tokio::test]
async fn a_ban_runs_out() {
    let db = Db::new().await;
    let until = NOW.plus(HOUR);
    db.store.add_ban(&ban("198.51.100.7", Some(until)), BanOrigin::Detector, NOW).await.unwrap();
    assert!(is_banned(&db, "198.51.100.7", UnixMs(until.0 - 1)).await);
    assert_eq!(db.store.bans(NOW).await.unwrap().len(), 1);
    assert!(!is_banned(&db, "198.51.100.7", until).await);
    assert_eq!(db.store.bans(until).await.unwrap(), []);
}

#[tokio::test]
async fn bans_of_the_configuration_are_replaced_and_those_of_run_time_stay() {
    let db = Db::new().await;
    let own = db.store.add_ban(&ban("198.51.100.7", None), BanOrigin::Operator, NOW).await.unwrap();
    db.store
        .replace_configured_bans(&[ban("203.0.113.0/24", None), ban("192.0.2.1", None)], NOW)
        .await
        .unwrap();
    db.store.replace_configured_bans(&[ban("203.0.113.77/24", None)], NOW).await.unwrap();

    let bans = db.store.bans(NOW).await.unwrap();
    let listed: Vec<_> = bans.iter().map(|ban| (ban.network.to_string(), ban.origin)).collect();
    assert_eq!(
        listed,
        [
            ("198.51.100.7/32".to_owned(), BanOrigin::Operator),
            ("203.0.113.0/24".to_owned(), BanOrigin::Configuration)
        ]
    );
    assert!(
        !db.store.remove_ban(bans[1].id).await.unwrap(),
        "it would come back with the next load"
    );
    assert!(db.store.remove_ban(own).await.unwrap());
    assert!(!db.store.remove_ban(own).await.unwrap());
    assert!(!is_banned(&db, "198.51.100.7", NOW).await);
}
