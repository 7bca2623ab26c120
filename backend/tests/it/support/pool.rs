//! A service's pool, as its database has it.

use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{TestApp, until};

/// The names of the containers that wait, in the order in which they are given out.
pub async fn warm(app: &TestApp) -> Vec<String> {
    names(&app.path("tryit.db"), "state = 'warm'").await
}

/// The names of the containers that there are rows for and that are nobody's.
pub async fn nobodys(app: &TestApp) -> Vec<String> {
    names(&app.path("tryit.db"), "session_id is null").await
}

/// Waits until exactly `count` containers wait.
pub async fn filled(app: &TestApp, count: usize) -> Vec<String> {
    until(&format!("{count} containers wait"), || async {
        let warm = warm(app).await;
        (warm.len() == count).then_some(warm)
    })
    .await
}

/// Waits until containers wait, and none of `before` is among them.
pub async fn replaced(app: &TestApp, before: &[String]) -> Vec<String> {
    until("other containers wait", || async {
        let warm = warm(app).await;
        let are_others = warm.len() == before.len() && !warm.iter().any(|is| before.contains(is));
        are_others.then_some(warm)
    })
    .await
}

async fn names(database: &Path, condition: &str) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
    let query = format!("select name from instance where {condition} order by ready_at, name");
    let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut connection).await;
    rows.expect("rows").iter().map(|row| row.get("name")).collect()
}

/// Closes or opens a service for everybody, past its operators' routes.
pub async fn put_maintenance(app: &TestApp, on: bool) {
    let options = SqliteConnectOptions::new().filename(app.path("tryit.db"));
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
    let query = sqlx::query("update server set maintenance = ?1").bind(on);
    query.execute(&mut connection).await.expect("a change");
}
