//! What is measured: each phase on a service of its own, bounded in time.

mod admission;
mod bulk;
mod burst;
mod echo;
mod flood;
mod memory;
mod nested;
mod shells;
mod start;
mod statistics;
mod status;

use std::{future::Future, path::PathBuf, pin::Pin, time::Duration};

use clap::ValueEnum;

use crate::{Outcome, args::Args, lxd::Lxd, past::Past, table::Table};

/// What all phases work with.
pub struct Bench {
    /// The service's binary.
    pub tryit: PathBuf,
    /// The LXD.
    pub lxd: Lxd,
    /// Where the services' logs go.
    pub log: PathBuf,
    /// What a service with a past has had.
    pub past: Past,
    quick: bool,
}

impl Bench {
    /// Looks whether what is needed is there.
    pub fn new(args: &Args) -> Outcome<Self> {
        let socket = args.socket.clone().unwrap_or_default();
        for path in [&args.tryit, &socket] {
            if !path.exists() {
                return Err(
                    format!("there is no {path:?}: scripts/bench sets everything up").into()
                );
            }
        }
        let log = args.tryit.with_file_name("bench.log");
        // The last run's says nothing of this one.
        let _ = std::fs::remove_file(&log);
        let past = Past::of(if args.quick { 50_000 } else { 1_000_000 });
        Ok(Self { tryit: args.tryit.clone(), lxd: Lxd::at(&socket), log, past, quick: args.quick })
    }

    /// How often: fully, or quickly.
    pub fn n(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Phase {
    /// Starts from the pool.
    Warm,
    /// Starts without a pool.
    Cold,
    /// Starts of the image with LXD in it.
    Nested,
    /// Many starts at once.
    Burst,
    /// Admission, with and without a past.
    Admission,
    /// The status, with and without a past.
    Status,
    /// Statistics, with a past.
    Statistics,
    /// Memory of the idle service and of attached terminals.
    Memory,
    /// A keystroke there and back.
    Echo,
    /// The same beside a flood.
    Flood,
    /// Much output.
    Bulk,
}

impl Phase {
    /// Its name in the table when it fails.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warm => "warm start",
            Self::Cold => "cold start",
            Self::Nested => "nested LXD",
            Self::Burst => "burst of starts",
            Self::Admission => "admission",
            Self::Status => "/status",
            Self::Statistics => "statistics",
            Self::Memory => "memory",
            Self::Echo => "echo",
            Self::Flood => "echo beside a flood",
            Self::Bulk => "bulk output",
        }
    }

    /// What is being done, for whoever waits.
    pub fn says(self) -> String {
        format!("{} (at most {} s)", self.name(), self.limit().as_secs())
    }

    fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Burst => 360,
            Self::Nested | Self::Memory => 240,
            // Whichever is the first of these makes the past.
            Self::Admission | Self::Statistics | Self::Status => 300,
            _ => 150,
        })
    }

    /// Measures, and adds what came out. An error says what could not be measured.
    pub async fn run(self, bench: &Bench, table: &mut Table) -> Outcome<()> {
        let work: Pin<Box<dyn Future<Output = Outcome<()>>>> = match self {
            Self::Warm => Box::pin(start::warm(bench, table)),
            Self::Cold => Box::pin(start::cold(bench, table)),
            Self::Nested => Box::pin(nested::run(bench, table)),
            Self::Burst => Box::pin(burst::run(bench, table)),
            Self::Admission => Box::pin(admission::run(bench, table)),
            Self::Status => Box::pin(status::run(bench, table)),
            Self::Statistics => Box::pin(statistics::run(bench, table)),
            Self::Memory => Box::pin(memory::run(bench, table)),
            Self::Echo => Box::pin(echo::run(bench, table)),
            Self::Flood => Box::pin(flood::run(bench, table)),
            Self::Bulk => Box::pin(bulk::run(bench, table)),
        };
        tokio::time::timeout(self.limit(), work).await.map_err(|_| "it took too long")?
    }
}
