//! A start: from the click until a typed command has answered.

use std::time::{Duration, Instant};

use super::Bench;
use crate::{
    Outcome,
    lxd::{Lxd, Shape},
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    terminal::Terminal,
    visitor::{Guest, Visitor},
};

/// What is typed, and what only its answer holds.
pub const COMMAND: &str = "echo $((6*7))\n";
/// The answer: nothing else on the screen holds these digits.
pub const ANSWER: &str = "42\r";
/// The shell that visitors get.
pub const SHELL: &[&str] = &["sh", "-l"];
/// How long containers may take to be made or to go.
const SETTLING: Duration = Duration::from_secs(30);
/// What the machine has to finish after a deletion that is confirmed.
const QUIET: Duration = Duration::from_millis(50);

/// From the pool, beside opening a shell in a container that runs.
pub async fn warm(bench: &Bench, table: &mut Table) -> Outcome<()> {
    const POOL: u32 = 2;
    let service = Service::start(bench, &Setup { pool: POOL, ..Setup::default() }).await?;
    service.settled(POOL, SETTLING).await?;
    let shape = shape(bench, &service, POOL).await?;
    bench.lxd.launch("baseline", &shape).await?;
    let (mut ours, mut direct) = (Samples::default(), Samples::default());
    for _ in 0..bench.n(40, 5) {
        let (visitor, _terminal) = start(&service, COMMAND, ANSWER, &mut ours).await?;
        visitor.end().await?;
        service.settled(POOL, SETTLING).await?;
        tokio::time::sleep(QUIET).await;
        let began = Instant::now();
        answer(bench.lxd.exec("baseline", SHELL).await?, COMMAND, ANSWER).await?;
        direct.since(began);
    }
    bench.lxd.remove("baseline").await?;
    table.add(
        Row::new("warm start", "ms", ours.len(), &ours)
            .beside("exec at LXD, container running", &direct)
            .bar("≤ 15 / 40", ours.p50() <= 15.0 && ours.p95() <= 40.0),
    );
    service.stop().await
}

/// Without a pool, beside the same calls sent to LXD.
pub async fn cold(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let service = Service::start(bench, &Setup::default()).await?;
    let shape = shape(bench, &service, 0).await?;
    let (mut ours, mut direct) = (Samples::default(), Samples::default());
    for round in 0..bench.n(30, 4) {
        // Now one first, now the other: what drifts weighs on both.
        for turn in 0..2 {
            if (round + turn) % 2 == 0 {
                let (visitor, _terminal) = start(&service, COMMAND, ANSWER, &mut ours).await?;
                visitor.end().await?;
                service.settled(0, SETTLING).await?;
            } else {
                start_at_lxd(&bench.lxd, "baseline", &shape, COMMAND, ANSWER, &mut direct).await?;
                bench.lxd.remove("baseline").await?;
            }
            tokio::time::sleep(QUIET).await;
        }
    }
    let met = ours.p50() <= 1.15 * direct.p50();
    table.add(
        Row::new("cold start", "ms", ours.len(), &ours)
            .beside("the same calls at LXD", &direct)
            .bar("≤ 1.15 ×", met),
    );
    service.stop().await
}

/// What the service makes its containers of. Leaves it as it was.
pub async fn shape(bench: &Bench, service: &Service, pool: u32) -> Outcome<Shape> {
    let mut visitor = Guest::arrive(service).await?.start().await?;
    answer(visitor.terminal(1).await?, COMMAND, ANSWER).await?;
    let shape = bench.lxd.shape(&visitor.container().await?).await?;
    visitor.end().await?;
    service.settled(pool, SETTLING).await?;
    Ok(shape)
}

/// A click until the answer.
pub async fn start(
    service: &Service,
    command: &str,
    wanted: &str,
    times: &mut Samples,
) -> Outcome<(Visitor, Terminal)> {
    let guest = Guest::arrive(service).await?;
    let began = Instant::now();
    let visitor = guest.start().await?;
    let terminal = answer(visitor.terminal(1).await?, command, wanted).await?;
    times.since(began);
    Ok((visitor, terminal))
}

/// The same without a service.
pub async fn start_at_lxd(
    lxd: &Lxd,
    name: &str,
    shape: &Shape,
    command: &str,
    wanted: &str,
    times: &mut Samples,
) -> Outcome<()> {
    let began = Instant::now();
    lxd.launch(name, shape).await?;
    answer(lxd.exec(name, SHELL).await?, command, wanted).await?;
    times.since(began);
    Ok(())
}

async fn answer(mut terminal: Terminal, command: &str, wanted: &str) -> Outcome<Terminal> {
    terminal.ask(command, wanted).await?;
    Ok(terminal)
}
