//! A keystroke while another visitor's terminal floods, beside the same at LXD.

use std::time::{Duration, Instant};

use super::{
    Bench,
    echo::{self, keys},
    shells::{self, Shells},
};
use crate::{
    Outcome,
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    terminal::Terminal,
};

/// Floods for as many seconds as it is told, again and again.
const FLOOD: &str = "stty -echo; LISTEN; while read -r s; do \
     timeout $s yes the quick brown fox jumps over the lazy dog, and over it again; echo FLOODED; done";
/// What follows a flood: nothing in it looks like this.
const END: &[u8] = b"FLOODED";
/// Keystrokes of one turn.
const TURN: usize = 20;

/// Floods of each way, round by round.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let service = Service::start(bench, &Setup::default()).await?;
    let (mut one, mut other) = (Shells::start(&service).await?, Shells::start(&service).await?);
    let mut ours =
        Pair { keys: one.ours(echo::PROGRAM).await?, flood: Some(other.ours(FLOOD).await?) };
    let mut direct = Pair {
        keys: one.direct(&bench.lxd, echo::PROGRAM).await?,
        flood: Some(other.direct(&bench.lxd, FLOOD).await?),
    };
    let mut of_rounds = [(); 4].map(|()| Samples::default());
    let [our_p95, our_rate, direct_p95, direct_rate] = &mut of_rounds;
    let (mut our_keys, mut direct_keys) = (Samples::default(), Samples::default());
    for _ in 0..bench.n(5, 1) {
        for (pair, keys, p95, rate) in [
            (&mut direct, &mut direct_keys, &mut *direct_p95, &mut *direct_rate),
            (&mut ours, &mut our_keys, &mut *our_p95, &mut *our_rate),
        ] {
            let (times, bytes_per_second) = pair.round().await?;
            p95.push(times.p95());
            rate.push(bytes_per_second / 1e6);
            keys.extend(&times);
        }
    }
    let met = our_p95.p50() <= f64::max(2.0 * direct_p95.p50(), 2.0)
        && our_rate.p50() >= 0.9 * direct_rate.p50();
    table.add(
        Row::new("echo of a key beside a flood", "ms", our_keys.len(), &our_keys)
            .beside("exec at LXD", &direct_keys)
            .bar("p95 ≤ max(2 ×, 2), flood ≥ 0.9 ×", met),
    );
    table.add(
        Row::new("that flood, median of rounds", "MB/s", our_rate.len(), our_rate.p50())
            .beside("exec at LXD", direct_rate.p50()),
    );
    drop((ours, direct));
    one.end().await?;
    other.end().await?;
    shells::stop(service).await
}

/// A terminal to type on, and one that floods.
struct Pair {
    keys: Terminal,
    /// None while it floods.
    flood: Option<Terminal>,
}

impl Pair {
    /// Types while the other one floods; the times of the keys, and the flood's bytes a second.
    async fn round(&mut self) -> Outcome<(Samples, f64)> {
        let mut flood = self.flood.take().ok_or("the flood broke off")?;
        let flooding = tokio::spawn(async move {
            let began = Instant::now();
            flood.type_in("3\n").await?;
            let bytes = until_end(&mut flood).await?;
            Outcome::Ok((flood, bytes as f64 / began.elapsed().as_secs_f64()))
        });
        // Until it has its pace.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut times = Samples::default();
        while !flooding.is_finished() {
            keys(&mut self.keys, TURN, &mut times).await?;
        }
        let (flood, rate) = flooding.await??;
        self.flood = Some(flood);
        Ok((times, rate))
    }
}

/// Reads a flood to its end; how much it was.
async fn until_end(flood: &mut Terminal) -> Outcome<usize> {
    let (mut bytes, mut tail) = (0, Vec::new());
    loop {
        let more = flood.read().await?;
        bytes += more.len();
        tail.extend_from_slice(&more[more.len().saturating_sub(2 * END.len())..]);
        if tail.windows(END.len()).any(|window| window == END) {
            return Ok(bytes);
        }
        tail.drain(..tail.len().saturating_sub(2 * END.len()));
    }
}
