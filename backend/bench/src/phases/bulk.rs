//! Much output, with acknowledgements, beside the same at LXD: bytes of all kinds, and lines of text.

use std::time::Instant;

use super::{
    Bench,
    shells::{self, Shells},
};
use crate::{
    Outcome, process,
    service::{Service, Setup},
    stats::Samples,
    table::{Row, Table},
    terminal::Terminal,
};

/// Puts a file out as it is, or with line ends as terminals have them.
const PROGRAM: &str =
    "stty -echo; LISTEN; while read -r mode file; do stty $mode; cat /tmp/$file; done";
/// Makes the files.
const FILES: &str = "cd /tmp; dd if=/dev/urandom of=bytes bs=65536 count=COUNT 2>/dev/null; \
     yes the quick brown fox jumps over the lazy dog, all the day long | \
     dd of=text bs=65536 count=COUNT iflag=fullblock 2>/dev/null; LISTEN; exec cat";
/// The length of a line of the text, its end included.
const LINE: u64 = "the quick brown fox jumps over the lazy dog, all the day long\n".len() as u64;

/// Both kinds of each way, round by round.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let blocks = bench.n(800, 160) as u64;
    let size = blocks * 65536;
    let service = Service::start(bench, &Setup::default()).await?;
    let mut shells = Shells::start(&service).await?;
    let files = FILES.replace("COUNT", &blocks.to_string());
    drop(shells.direct(&bench.lxd, &files).await?);
    let mut direct = shells.direct(&bench.lxd, PROGRAM).await?;
    let mut ours = shells.ours(PROGRAM).await?;

    let kinds = [
        ("bulk output, bytes", "-opost bytes\n", size),
        ("bulk output, lines of text", "opost text\n", size + size / LINE),
    ];
    let (mut cpu, mut relayed) = (0.0, 0);
    for (what, command, bytes) in kinds {
        let (mut our_rates, mut direct_rates) = (Samples::default(), Samples::default());
        for _ in 0..bench.n(5, 1) {
            direct_rates.push(rate(&mut direct, command, bytes).await?);
            let before = process::cpu(service.pid())?;
            our_rates.push(rate(&mut ours, command, bytes).await?);
            cpu += process::cpu(service.pid())? - before;
            relayed += bytes;
        }
        let met = our_rates.p50() >= 0.9 * direct_rates.p50();
        table.add(
            Row::new(what, "MB/s", our_rates.len(), our_rates.p50())
                .beside("exec at LXD", direct_rates.p50())
                .bar("≥ 0.9 ×", met),
        );
    }
    let per_200 = cpu * 200e6 / relayed as f64;
    table.add(
        Row::new("CPU of the service per 200 MB of output", "s", 1, per_200)
            .bar("≤ 0.5", per_200 <= 0.5),
    );
    drop((direct, ours));
    shells.end().await?;
    shells::stop(service).await
}

/// Has a file put out; megabytes a second.
async fn rate(terminal: &mut Terminal, command: &'static str, bytes: u64) -> Outcome<f64> {
    let began = Instant::now();
    terminal.type_in(command).await?;
    terminal.take(bytes).await?;
    Ok(bytes as f64 / 1e6 / began.elapsed().as_secs_f64())
}
