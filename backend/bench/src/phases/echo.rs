//! A keystroke there and back, beside LXD itself and beside a bare relay of bytes.

use std::time::Instant;

use super::{
    Bench,
    shells::{self, Shells},
};
use crate::{
    Outcome,
    relay::Relay,
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    terminal::Terminal,
};

/// Gives every byte back as it comes.
pub const PROGRAM: &str = "stty raw -echo; LISTEN; exec cat";
/// Keystrokes of one turn.
const TURN: usize = 100;

/// Turns of each way, round by round.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let service = Service::start(bench, &Setup::default()).await?;
    let relay = Relay::start(bench.lxd.socket()).await?;
    let mut shells = Shells::start(&service).await?;
    let mut ours = shells.ours(PROGRAM).await?;
    let mut direct = shells.direct(&bench.lxd, PROGRAM).await?;
    let mut relayed = shells.direct(&bench.lxd.through(relay.address), PROGRAM).await?;
    let [mut by_us, mut by_lxd, mut by_relay] = [(); 3].map(|()| Samples::default());
    for _ in 0..bench.n(30, 2) {
        keys(&mut direct, TURN, &mut by_lxd).await?;
        keys(&mut relayed, TURN, &mut by_relay).await?;
        keys(&mut ours, TURN, &mut by_us).await?;
    }
    table.add(
        Row::new("echo of a key", "ms", by_us.len(), &by_us)
            .beside("a bare relay of bytes", &by_relay)
            .bar("p50 ≤ 1.2 ×", by_us.p50() <= 1.2 * by_relay.p50()),
    );
    table.add(Row::new("echo of a key", "ms", by_us.len(), &by_us).beside("exec at LXD", &by_lxd));
    drop((ours, direct, relayed));
    shells.end().await?;
    shells::stop(service).await
}

/// Types keys, each when the last one is back.
pub async fn keys(terminal: &mut Terminal, count: usize, times: &mut Samples) -> Outcome<()> {
    for _ in 0..count {
        let began = Instant::now();
        terminal.type_in("x").await?;
        terminal.take(1).await?;
        times.since(began);
    }
    Ok(())
}
