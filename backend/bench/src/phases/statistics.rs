//! Statistics after a long past: what an operator waits for, beside SQLite counting the same sessions one by one.

use std::{path::Path, time::Instant};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::Bench;
use crate::{
    Outcome,
    http::Http,
    service::{OPERATOR, Service, Setup},
    stats::Samples,
    table::{Row, Table},
};

/// What is asked for: all and the year with their visitors; one network among many; a network that everybody is in.
const QUESTIONS: &[(&str, &str)] = &[
    ("all", "unique=true"),
    ("the last year", "unique=true&period=year"),
    ("a /24 network", "unique=true&network=10.3.7.0/24"),
    ("a network that all came from", "unique=true&network=10.0.0.0/8"),
];

/// Each question by itself.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let database = bench.past.database().await?;
    let sessions = bench.past.sessions;
    let counting = counting(bench, &database.path()).await?;
    let setup = Setup { database: Some(database.path()), ..Setup::default() };
    let service = Service::start(bench, &setup).await?;
    for (what, query) in QUESTIONS {
        let times = ask(bench, &service, query).await?;
        table.add(
            Row::new(
                &format!("statistics of {what}, {sessions} past sessions"),
                "ms",
                times.len(),
                &times,
            )
            .beside("counting them in SQLite", &counting)
            .bar("p95 ≤ 200", times.p95() <= 200.0),
        );
    }
    service.stop().await
}

/// A question until its answer, one after the other.
async fn ask(bench: &Bench, service: &Service, query: &str) -> Outcome<Samples> {
    let mut http = Http::tcp(service.address).await?;
    let path = format!("/api/v1/operator/statistics?{query}");
    let bearer = format!("Bearer {OPERATOR}");
    let mut times = Samples::default();
    for _ in 0..bench.n(40, 5) {
        let began = Instant::now();
        let (status, counted) =
            http.ask("GET", &path, &[("authorization", bearer.as_str())], None).await?;
        times.since(began);
        if status != 200 || counted["sessions"].as_u64().is_none_or(|sessions| sessions == 0) {
            return Err(format!("{query}: {status} {counted}").into());
        }
    }
    Ok(times)
}

/// What the least SQL takes that says how many sessions of how many visitors there were.
async fn counting(bench: &Bench, database: &Path) -> Outcome<Samples> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let mut reader = SqliteConnection::connect_with(&options).await?;
    let mut times = Samples::default();
    for _ in 0..bench.n(5, 2) {
        let began = Instant::now();
        sqlx::query("select count(*), count(running_at), count(distinct visitor) from session")
            .fetch_one(&mut reader)
            .await?;
        times.since(began);
    }
    reader.close().await?;
    Ok(times)
}
