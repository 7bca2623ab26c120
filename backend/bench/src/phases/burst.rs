//! Many starts at once.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{
    Bench,
    start::{ANSWER, COMMAND, shape, start_at_lxd},
};
use crate::{
    Outcome,
    lxd::{Lxd, Shape},
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    visitor::Guest,
};

/// How long all containers of a burst may take to go.
const CLEARING: Duration = Duration::from_secs(120);
/// Deletions at once.
const PARALLEL: usize = 8;

/// Bursts of the service and of LXD itself, in turn.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let service = Service::start(bench, &Setup::default()).await?;
    let shape = shape(bench, &service, 0).await?;
    let rounds = bench.n(3, 1);
    for (size, rounds) in [(20, rounds), (bench.n(100, 40), 1)] {
        let (mut ours, mut direct, mut refused) = (Samples::default(), Samples::default(), 0);
        for _ in 0..rounds {
            let (times, failures) = of_visitors(&service, size).await?;
            ours.extend(&times);
            refused += failures.len();
            if let Some(why) = failures.first() {
                eprintln!("  {} of {size} failed, one of them: {why}", failures.len());
            }
            direct.extend(&of_calls(&bench.lxd, &shape, size).await?);
        }
        table.add(
            Row::new(&format!("{size} starts at once"), "ms", ours.len(), &ours)
                .beside("the same calls at LXD, one create at a time", &direct)
                .bar("all succeed", refused == 0),
        );
    }
    service.stop().await
}

/// Visitors who click in the same moment, each until the answer; the words of those who got none.
async fn of_visitors(service: &Service, size: usize) -> Outcome<(Samples, Vec<String>)> {
    let mut guests = Vec::new();
    for _ in 0..size {
        guests.push(Guest::arrive(service).await?);
    }
    let mut starts = JoinSet::new();
    for guest in guests {
        starts.spawn(async move {
            let began = Instant::now();
            let visitor = guest.start().await?;
            let answered = async {
                let mut terminal = visitor.terminal(1).await?;
                terminal.ask(COMMAND, ANSWER).await?;
                Outcome::Ok((terminal, began.elapsed()))
            };
            let answered = answered.await;
            Outcome::Ok((visitor, answered))
        });
    }
    let (mut times, mut failures, mut visitors) = (Samples::default(), Vec::new(), Vec::new());
    while let Some(started) = starts.join_next().await {
        match started? {
            Ok((visitor, answered)) => {
                visitors.push(visitor);
                match answered {
                    Ok((_terminal, time)) => times.time(time),
                    Err(error) => failures.push(error.to_string()),
                }
            }
            Err(error) => failures.push(error.to_string()),
        }
    }
    for visitor in visitors {
        visitor.end().await?;
    }
    service.settled(0, CLEARING).await?;
    Ok((times, failures))
}

/// The same by LXD's own calls.
async fn of_calls(lxd: &Lxd, shape: &Shape, size: usize) -> Outcome<Samples> {
    let name = |at: usize| format!("baseline-{at}");
    let mut starts = JoinSet::new();
    for at in 0..size {
        let (lxd, shape) = (lxd.clone(), shape.clone());
        starts.spawn(async move {
            let mut time = Samples::default();
            start_at_lxd(&lxd, &name(at), &shape, COMMAND, ANSWER, &mut time).await?;
            Outcome::Ok(time)
        });
    }
    let (mut times, mut failed) = (Samples::default(), Ok(()));
    while let Some(time) = starts.join_next().await {
        match time? {
            Ok(time) => times.extend(&time),
            Err(error) => failed = Err(error),
        }
    }
    let mut removals = JoinSet::new();
    for at in 0..size {
        if removals.len() == PARALLEL {
            removals.join_next().await.transpose()?.transpose()?;
        }
        let lxd = lxd.clone();
        removals.spawn(async move { lxd.remove(&name(at)).await });
    }
    while let Some(removed) = removals.join_next().await {
        removed??;
    }
    failed.map(|()| times)
}
