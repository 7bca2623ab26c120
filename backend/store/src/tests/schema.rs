//! The tables refuse what must not be, whoever writes it.

use sqlx::AssertSqlSafe;

use super::*;

/// Writes straight to the tables, as a bug or an operator's shell would.
async fn write(db: &Db, sql: &str) -> Result<u64, String> {
    let mut write = db.store.write().await.unwrap();
    let done = sqlx::query(AssertSqlSafe(sql)).execute(write.connection()).await;
    let rows = done.map_err(|error| error.to_string())?.rows_affected();
    write.commit().await.map_err(|error| format!("{error:?}"))?;
    Ok(rows)
}

#[tokio::test]
async fn constraints_hold() {
    let db = Db::new().await;
    let starting = db.starting("198.51.100.7").await;
    let running = db.running("198.51.100.8").await;
    db.warm(NOW).await;
    let set = |what: &str| format!("update session set {what} where id = '{}'", running.id);
    for (sql, refused) in [
        (set("state = 'asleep'"), "CHECK"),
        (set("state = 'ended'"), "CHECK"),
        (set("ended_at = 1"), "CHECK"),
        (set("state = 'ended', ended_at = 1, ended_reason = 'boredom'"), "CHECK"),
        (set("state = 'offered'"), "CHECK"),
        (set("expires_at = null"), "CHECK"),
        (set("phase = '{}'"), "CHECK"),
        (set("progress = '{'"), "CHECK"),
        (set("page = '-1'"), "CHECK"),
        (set("address_key = null"), "CHECK"),
        (set("extensions = -1"), "CHECK"),
        (set("created_at = 'yesterday'"), "cannot store TEXT"),
        (set("id = null"), "NOT NULL"),
        (set(&format!("id = '{}'", starting.id)), "UNIQUE"),
        (set("token_hash = (select token_hash from session limit 1)"), "UNIQUE"),
        ("update instance set state = 'warm' where state = 'claimed'".to_owned(), "CHECK"),
        ("update instance set state = 'claimed' where state = 'warm'".to_owned(), "CHECK"),
        (format!("update instance set session_id = '{}' where state <> 'warm'", running.id), "UNIQUE"),
        ("update instance set session_id = 'nobody' where state = 'claimed'".to_owned(), "FOREIGN KEY"),
        (format!("delete from session where id = '{}'", running.id), "FOREIGN KEY"),
        (
            format!(
                "insert into feedback (session_id, rating, email_consent, created_at, updated_at)
                 values ('{}', 6, 0, 1, 1)",
                running.id
            ),
            "CHECK",
        ),
        (
            format!(
                "insert into feedback (session_id, rating, email, email_consent, created_at, updated_at)
                 values ('{}', 5, 'a@example.com', 0, 1, 1)",
                running.id
            ),
            "CHECK",
        ),
        (format!("insert into link values ('{0}', '{0}', 1)", running.id), "CHECK"),
        ("insert into server (id, server_id, secret, created_at) values (2, '', x'', 1)".to_owned(), "CHECK"),
        ("insert into step_event (at, kind) values (1, 'reached')".to_owned(), "CHECK"),
        ("insert into daily (day, figure, value) values ('today', 'starts', 1)".to_owned(), "CHECK"),
        ("insert into outbox (kind, payload, created_at) values ('webhook', 'text', 1)".to_owned(), "CHECK"),
    ] {
        let error = write(&db, &sql).await.expect_err(&sql);
        assert!(error.contains(refused), "{sql}: {error}");
    }
    assert_eq!(db.session(running.id).await, running);
}

#[tokio::test]
async fn a_link_goes_with_either_session() {
    let db = Db::new().await;
    let mut ids = [from("198.51.100.7"), from("198.51.100.8")].map(|new| new.id.to_string());
    ids.sort();
    for id in &ids {
        let new = NewSession { id: id.parse().unwrap(), ..from("198.51.100.7") };
        let limits = StartLimits { max: 0, queue_max: 10, ..OPEN };
        db.start(&new, &limits, NOW).await.unwrap().started();
    }
    write(&db, &format!("insert into link values ('{}', '{}', 1)", ids[0], ids[1])).await.unwrap();
    write(&db, &format!("delete from session where id = '{}'", ids[1])).await.unwrap();
    assert_eq!(write(&db, "delete from link").await, Ok(0));
}

#[tokio::test]
async fn the_settings_that_durability_rests_on_are_in_force() {
    let db = Db::new().await;
    let pragma = async |name: &str| -> String {
        let mut write = db.store.write().await.unwrap();
        let sql = AssertSqlSafe(format!("select cast({name} as text) from pragma_{name}"));
        sqlx::query_scalar(sql).fetch_one(write.connection()).await.unwrap()
    };
    assert_eq!(pragma("journal_mode").await, "wal");
    assert_eq!(pragma("foreign_keys").await, "1");
    assert_eq!(pragma("synchronous").await, "1", "normal");
    let written = sqlx::query("delete from session").execute(db.store.readers()).await.unwrap_err();
    assert!(written.to_string().contains("readonly"), "{written}");
}
