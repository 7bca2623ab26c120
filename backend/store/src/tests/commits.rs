//! The count of committed writes.

use domain::EndedReason;

use super::*;

#[tokio::test]
async fn every_committed_write_counts_and_nothing_else_does() {
    let db = Db::new().await;
    let mut last = db.store.commits();
    let mut grew = || std::mem::replace(&mut last, db.store.commits()) < db.store.commits();

    let session = db.running("198.51.100.7").await;
    assert!(grew());
    db.store.occupancy().await.unwrap();
    assert!(!grew(), "reading is no write");
    db.store.check_writable().await.unwrap();
    assert!(grew());
    assert!(db.store.end(session.id, EndedReason::Idle, NOW).await.unwrap());
    assert!(grew());
    assert!(!db.store.end(session.id, EndedReason::Idle, NOW).await.unwrap());
    assert!(!grew(), "nothing was left to end");
}
