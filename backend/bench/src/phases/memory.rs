//! Memory of the idle service, and of each terminal that a browser is attached to.

use std::time::Duration;

use tokio::task::JoinSet;

use super::Bench;
use crate::{
    Outcome, process,
    service::{Service, Setup},
    table::{Row, Table},
    visitor::{Guest, Visitor},
};

/// Terminals of each session.
const TERMINALS: u8 = 8;
/// How long all containers may take to go.
const CLEARING: Duration = Duration::from_secs(90);
/// What a start leaves behind goes within this time.
const REST: Duration = Duration::from_secs(2);

/// The idle service; then the slope between few and many attached terminals.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let service = Service::start(bench, &Setup::default()).await?;
    tokio::time::sleep(REST).await;
    let idle = process::pss(service.pid())? / 1024.0;
    table.add(Row::new("idle service, PSS", "MiB", 1, idle).bar("≤ 20", idle <= 20.0));

    let (few, many) = (bench.n(13, 1), bench.n(63, 3));
    let (mut visitors, mut attached) = (Vec::new(), JoinSet::new());
    let few_kib = attach(&service, few, &mut visitors, &mut attached).await?;
    let many_kib = attach(&service, many, &mut visitors, &mut attached).await?;
    let terminals = |sessions: usize| sessions * usize::from(TERMINALS);
    let slope = (many_kib - few_kib) / (terminals(many) - terminals(few)) as f64;
    let what = format!("each terminal attached, {} to {}", terminals(few), terminals(many));
    table.add(Row::new(&what, "KiB", terminals(many), slope).bar("≤ 64", slope <= 64.0));
    attached.shutdown().await;
    for visitor in visitors {
        visitor.end().await?;
    }
    service.settled(0, CLEARING).await?;
    service.stop().await
}

/// Starts sessions until there are so many, and attaches to all their terminals at the prompt; the service's memory.
async fn attach(
    service: &Service,
    sessions: usize,
    visitors: &mut Vec<Visitor>,
    attached: &mut JoinSet<Outcome<()>>,
) -> Outcome<f64> {
    while visitors.len() < sessions {
        let visitor = Guest::arrive(service).await?.start().await?;
        for n in 1..=TERMINALS {
            let mut terminal = visitor.terminal(n).await?;
            terminal.until("#").await?;
            // Read on, so that pings are answered.
            attached.spawn(async move {
                loop {
                    terminal.read().await?;
                }
            });
        }
        visitors.push(visitor);
    }
    tokio::time::sleep(REST).await;
    if let Some(ended) = attached.try_join_next() {
        ended??;
    }
    process::pss(service.pid())
}
