//! Admission: a click on a full server until the answer, with and without a past.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use super::Bench;
use crate::{
    Outcome,
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    visitor::{Guest, Start},
};

/// How long the one container may take to go.
const SETTLING: Duration = Duration::from_secs(30);

/// With a past, beside none.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let past = bench.past.sessions;
    let database = bench.past.database().await?;
    let without = clicks(bench, None).await?;
    let with = clicks(bench, Some(database.path())).await?;
    table.add(
        Row::new(&format!("admission, {past} past sessions"), "ms", with.len(), &with)
            .beside("without past sessions", &without)
            .bar("p95 ≤ 2", with.p95() <= 2.0 && without.p95() <= 2.0),
    );
    Ok(())
}

/// Clicks one after the other while the only place is taken: each is queued, or refused, in one transaction.
async fn clicks(bench: &Bench, database: Option<PathBuf>) -> Outcome<Samples> {
    let service = Service::start(bench, &Setup { max: 1, database, ..Setup::default() }).await?;
    let holder = Guest::arrive(&service).await?.start().await?;
    holder.terminal(1).await?.until("#").await?;
    let mut times = Samples::default();
    let mut guest = Guest::arrive(&service).await?;
    for _ in 0..bench.n(1000, 50) {
        guest = guest.again();
        let began = Instant::now();
        let start = guest.try_start().await?;
        times.since(began);
        guest = match start {
            Start::Session(visitor) if visitor.queued => visitor.end().await?,
            Start::Session(_) => return Err("the server is full, and yet there was a place".into()),
            Start::Refused(code, guest) if code == "queue_full" => guest,
            Start::Refused(code, _) => return Err(format!("the start was refused: {code}").into()),
        };
    }
    holder.end().await?;
    service.settled(0, SETTLING).await?;
    service.stop().await?;
    Ok(times)
}
