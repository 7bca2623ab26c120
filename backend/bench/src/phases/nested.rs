//! The image with LXD in it: from the click until `lxc list` has answered inside.

use std::time::Duration;

use super::{
    Bench,
    start::{shape, start, start_at_lxd},
};
use crate::{
    Outcome,
    service::{Service, Setup, Source},
    stats::Samples,
    table::{Row, Table},
};

/// LXD inside may not be there yet when the prompt is.
const COMMAND: &str = "until lxc list --format csv >/dev/null 2>&1; do :; done; echo $((6*7))\n";
const ANSWER: &str = "42\r";
/// How long a container may take to be ready or to go.
const SETTLING: Duration = Duration::from_secs(60);

/// Without a pool and from the pool, each beside LXD itself.
pub async fn run(bench: &Bench, table: &mut Table) -> Outcome<()> {
    let cold = Setup { source: Source::Nested, ..Setup::default() };
    let service = Service::start(bench, &cold).await?;
    // The image is unpacked by this, once.
    let shape = shape(bench, &service, 0).await?;
    let (mut ours, mut direct) = (Samples::default(), Samples::default());
    for _ in 0..bench.n(7, 2) {
        let (visitor, _terminal) = start(&service, COMMAND, ANSWER, &mut ours).await?;
        visitor.end().await?;
        service.settled(0, SETTLING).await?;
        start_at_lxd(&bench.lxd, "baseline", &shape, COMMAND, ANSWER, &mut direct).await?;
        bench.lxd.remove("baseline").await?;
    }
    service.stop().await?;
    table.add(
        Row::new("nested LXD answers, cold", "ms", ours.len(), &ours)
            .beside("the same calls at LXD", &direct)
            .bar("≤ 2500", ours.p50() <= 2500.0),
    );

    let service =
        Service::start(bench, &Setup { source: Source::Nested, pool: 1, ..Setup::default() })
            .await?;
    let mut ours = Samples::default();
    for _ in 0..bench.n(7, 2) {
        service.settled(1, SETTLING).await?;
        let (visitor, _terminal) = start(&service, COMMAND, ANSWER, &mut ours).await?;
        visitor.end().await?;
    }
    service.settled(1, SETTLING).await?;
    table.add(
        Row::new("nested LXD answers, from the pool", "ms", ours.len(), &ours)
            .bar("≤ 500", ours.p50() <= 500.0),
    );
    service.stop().await
}
