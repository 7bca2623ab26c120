//! The status that every page asks for: how many answers a second, how soon a start shows in it, and what starts take
//! while it is asked for without pause.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use super::{
    Bench,
    start::{self, ANSWER, COMMAND},
};
use crate::{
    Outcome,
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    visitor::Guest,
    wrk,
};

/// Seconds of each of the rounds.
const SECONDS: u32 = 3;
/// How long a container may take to go.
const SETTLING: Duration = Duration::from_secs(30);

/// Without and with a past, beside a route that does nothing.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let long = bench.past.database().await?;
    for (past, database) in [(0, None), (bench.past.sessions, Some(long.path()))] {
        let service = Service::start(bench, &Setup { database, ..Setup::default() }).await?;
        let (mut ours, mut nothing) = (Samples::default(), Samples::default());
        for _ in 0..bench.n(3, 1) {
            nothing.push(wrk::requests_per_second(service.address, "/healthz", SECONDS).await?);
            ours.push(wrk::requests_per_second(service.address, "/api/v1/status", SECONDS).await?);
        }
        let what = format!("/status, {} connections, {past} past sessions", wrk::CONNECTIONS);
        table.add(
            Row::new(&what, "answers/s", ours.len(), ours.p50())
                .beside("/healthz, which does nothing", nothing.p50())
                .bar("≥ 40000", ours.p50() >= 40_000.0),
        );
        if past > 0 {
            let shown = shown(bench, &service).await?;
            table.add(
                Row::new("a start shows in /status", "ms", shown.len(), &shown)
                    .bar("≤ 1000", shown.p95() <= 1000.0),
            );
        }
        service.stop().await?;
    }
    beside_starts(bench, table).await
}

/// Asked without pause while visitors come and go, beside their starts in quiet.
async fn beside_starts(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let service = Service::start(bench, &Setup::default()).await?;
    let (mut quiet, mut pressed) = (Samples::default(), Samples::default());
    let starts = bench.n(20, 2);
    for _ in 0..starts {
        one(&service, &mut quiet).await?;
    }
    let over = Cell::new(false);
    let seconds = if starts > 2 { 15 } else { 3 };
    let asking = async {
        let rate = wrk::requests_per_second(service.address, "/api/v1/status", seconds).await;
        over.set(true);
        rate
    };
    let coming = async {
        while !over.get() {
            one(&service, &mut pressed).await?;
        }
        Ok(())
    };
    let (rate, came): (_, Outcome<()>) = tokio::join!(asking, coming);
    came?;
    let rate = rate?;
    table.add(
        Row::new("/status, 50 connections, while starts go on", "answers/s", 1, rate)
            .bar("≥ 10000", rate >= 10_000.0),
    );
    table.add(
        Row::new("cold start meanwhile", "ms", pressed.len(), &pressed)
            .beside("cold start in quiet", &quiet),
    );
    service.stop().await
}

/// A visitor who comes, sees the answer of a command, and goes.
async fn one(service: &Service, times: &mut Samples) -> Outcome<()> {
    let (visitor, _terminal) = start::start(service, COMMAND, ANSWER, times).await?;
    visitor.end().await?;
    service.settled(0, SETTLING).await
}

/// From the answer to a start until the status counts it.
async fn shown(bench: &Bench, service: &Service) -> Outcome<Samples> {
    let mut times = Samples::default();
    let mut looking = Guest::arrive(service).await?;
    for _ in 0..bench.n(10, 2) {
        let visitor = Guest::arrive(service).await?.start().await?;
        let began = Instant::now();
        while looking.active().await? == 0 {}
        times.since(began);
        visitor.end().await?;
        service.settled(0, SETTLING).await?;
        while looking.active().await? > 0 {}
    }
    Ok(times)
}
