//! A database opens once, comes back as it was, and says in words what is wrong with it.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;
use crate::Error;

async fn open_error(path: &std::path::Path) -> Error {
    Store::open(path).await.expect_err("it should not open")
}

#[tokio::test]
async fn identity_and_sessions_come_back() {
    let db = Db::new().await;
    let session = db.running("198.51.100.7").await;
    db.close(Some("Later.")).await;
    let before = (db.store.server_id(), db.store.derive_token("a key of some length"));

    let db = db.reopen().await.unwrap();
    assert_eq!((db.store.server_id(), db.store.derive_token("a key of some length")), before);
    assert_eq!(db.session(session.id).await, session);
    assert!(db.store.maintenance().await.unwrap().on);
}

#[tokio::test]
async fn two_databases_share_neither_identity_nor_secret() {
    let (one, other) = (Db::new().await, Db::new().await);
    assert_ne!(one.store.server_id(), other.store.server_id());
    assert_ne!(one.store.derive_token("key"), other.store.derive_token("key"));
    assert_ne!(one.store.derive_token("key"), one.store.derive_token("key2"));
}

#[tokio::test]
async fn a_second_open_fails_with_words_also_through_a_link() {
    let db = Db::new().await;
    let link = db.directory.path().join("link.db");
    std::os::unix::fs::symlink(db.path(), &link).unwrap();
    for path in [db.path(), link] {
        let error = open_error(&path).await;
        assert!(
            matches!(error, Error::Locked { holder: Some(pid), .. } if pid == std::process::id())
        );
        assert!(error.to_string().contains("in use by another tryit"), "{error}");
    }
    db.starting("198.51.100.7").await;
    db.reopen().await.expect("the lock went with the store");
}

#[tokio::test]
async fn a_second_open_fails_under_another_name_of_the_file() {
    let db = Db::new().await;
    let link = db.directory.path().join("hard.db");
    fs::hard_link(db.path(), &link).unwrap();
    let error = open_error(&link).await;
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("in use by another tryit"), "{error}");
}

#[tokio::test]
async fn nothing_is_written_while_the_file_is_not_in_its_place() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let away = db.directory.path().join("away.db");
    fs::rename(db.path(), &away).unwrap();
    for replaced in [false, true] {
        if replaced {
            fs::copy(&away, db.path()).unwrap();
        }
        let error = db.start(&from("198.51.100.8"), &OPEN, NOW).await.unwrap_err();
        assert!(matches!(error, Error::Moved { .. }), "{error:?}");
        assert!(error.to_string().contains(db.path().to_str().unwrap()), "{error}");
        assert!(!db.store.is_writable());
        assert_eq!(db.session(session.id).await, session, "who only looks is answered");
    }
    fs::rename(&away, db.path()).unwrap();
    db.starting("198.51.100.9").await;
    assert!(db.store.is_writable(), "it is back");
}

#[tokio::test]
async fn a_write_that_is_tried_goes_on_when_whoever_asked_has_gone() {
    let db = Db::new().await;
    let store = db.store.clone();
    let before = store.commits();
    let asks = move || {
        let worker = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // It ends with whatever was begun on it.
        worker.block_on(async { store.is_writable() });
    };
    tokio::task::spawn_blocking(asks).await.unwrap();
    let tried = async {
        while db.store.commits() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), tried).await.expect("a write");
    db.store.close().await;
    assert!(!db.path().with_file_name("tryit.db-wal").exists(), "all of it is in the file");
}

#[tokio::test]
async fn only_its_owner_reads_the_file() {
    let db = Db::new().await;
    db.starting("198.51.100.7").await;
    for entry in fs::read_dir(db.directory.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".lock") {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tryit.db");
    let content = "not a database, but somebody's notes ".repeat(100);
    fs::write(&path, &content).unwrap();
    let error = open_error(&path).await;
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
}

#[tokio::test]
async fn a_damaged_database_says_that_it_is() {
    let db = Db::new().await;
    for n in 0..100 {
        db.starting(&address(n)).await;
    }
    let path = db.path();
    db.store.close().await;
    let Db { store, directory } = db;
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    // Everything but the header and the schema's first page.
    bytes[4096..].fill(0xa5);
    fs::write(&path, bytes).unwrap();

    let found = Store::inspect(&path).await.expect_err("it is damaged");
    for error in [found, open_error(&path).await] {
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
    drop(directory);
}

#[tokio::test]
async fn a_backup_beside_the_log_of_another_file_is_found_out() {
    let db = Db::new().await;
    for n in 0..50 {
        db.starting(&address(n)).await;
    }
    let db = db.reopen().await.unwrap();
    let restored = tempfile::tempdir().unwrap();
    let path = restored.path().join("tryit.db");
    fs::copy(db.path(), &path).unwrap();
    // So much that the log has been moved into the file in between.
    for n in 50..400 {
        db.starting(&address(n)).await;
    }
    let log = db.path().with_file_name("tryit.db-wal");
    fs::copy(log, path.with_file_name("tryit.db-wal")).unwrap();
    let error = open_error(&path).await;
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let db = Db::new().await;
    let statement =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                     values (9999, 'from the future', 1, x'00', 0)";
    db.store.change(sqlx::query(statement)).await.unwrap();
    let found = Store::look_at(&db.path()).await.unwrap_err();
    assert!(matches!(found, Error::Newer { migration: 9999 }), "{found:?}");
    let error = db.reopen().await.err().expect("it should not open");
    assert!(matches!(error, Error::Newer { migration: 9999 }), "{error:?}");
    assert!(error.to_string().contains("newer tryit"), "{error}");
}

#[tokio::test]
async fn a_directory_that_is_missing_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none").join("tryit.db");
    let error = open_error(&path).await;
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}

#[tokio::test]
async fn its_mark_can_be_read_while_it_is_in_use() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let look = Store::look_at(&db.path()).await.unwrap().expect("a database");
    assert_eq!(look.server_id, db.store.server_id());
    assert_eq!(look.instances, session.instance.into_iter().collect());
    let other = db.directory.path().join("other.db");
    assert_eq!(Store::look_at(&other).await.unwrap(), None);
    assert!(!other.exists(), "to look makes nothing");
}

#[tokio::test]
async fn a_writer_waits_a_while_not_for_ever() {
    let db = Db::new().await;
    let held = db.store.write().await.unwrap();
    tokio::time::pause();
    let error = db.store.check_writable().await.unwrap_err();
    assert!(matches!(error, Error::Busy(_)), "{error:?}");
    tokio::time::resume();
    drop(held);
    db.store.check_writable().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_writes_keeps_reads_and_recovers() {
    let db = Db::new().await;
    let session = db.starting("198.51.100.7").await;
    let limit_pages = async |count: u32| {
        let mut write = db.store.write().await.unwrap();
        let pragma = sqlx::AssertSqlSafe(format!("pragma max_page_count = {count}"));
        sqlx::query(pragma).execute(write.connection()).await.unwrap();
    };
    // No more than there are now: SQLite says that the disk is full as soon as it needs another.
    limit_pages(1).await;
    let error = loop {
        if let Err(error) = db.start(&from("198.51.100.8"), &OPEN, NOW).await {
            break error;
        }
    };
    assert!(matches!(error, Error::Full(_)), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(db.session(session.id).await, session);
    let live = db.store.live_sessions().await.unwrap().len();
    let instances = db.store.instances().await.unwrap().len();
    assert_eq!(live, instances, "no start was written by halves");

    limit_pages(1_000_000).await;
    db.starting("198.51.100.9").await;
    db.store.check_writable().await.unwrap();
}
