//! The soak test: visitors who come, work, break off and leave at random, while the service is killed, LXD is killed
//! and containers vanish. Nothing may be leaked or lost, no limit exceeded, no byte of a terminal wrong.
//!
//! ```sh
//! cargo test -p tryit --test soak -- --seconds 120 --seed 7
//! ```
//!
//! What happens is drawn from the seed. When it happens is up to the machine, so that a seed repeats the plan, not
//! each interleaving; the log has both.

mod chaos;
mod ledger;
mod outcome;
mod service;
#[expect(dead_code, unused_imports, reason = "shared with the tests that need more of it")]
#[path = "../it/support/mod.rs"]
mod support;
mod terminal;
mod transcript;
mod visit;
mod visitor;
mod watch;
mod world;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use support::Daemon;
use world::World;

/// Visitors at once: more than there are places, and more than may wait.
const VISITORS: u64 = 9;

/// What the command line asks for.
struct Options {
    length: Duration,
    seed: u64,
}

fn options() -> Result<Options, String> {
    let mut options = Options { length: Duration::from_secs(120), seed: fastrand::u64(..) };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut number = || {
            let value = arguments.next().and_then(|text| text.parse::<u64>().ok());
            value.ok_or_else(|| format!("{name} expects a number"))
        };
        match name.as_str() {
            "--seconds" => options.length = Duration::from_secs(number()?),
            "--seed" => options.seed = number()?,
            _ => return Err(format!("expected --seconds N or --seed N, found {name}")),
        }
    }
    Ok(options)
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("soak: {message}");
            return ExitCode::from(2);
        }
    };
    println!("soak: {} s with --seed {}", options.length.as_secs(), options.seed);
    let daemon = Daemon::start("soak").await;
    let world = World::start(daemon.socket.clone()).await;
    println!("soak: the service's log is {}", world.log_path().display());
    run(&world, &daemon, &options).await;
    let faults = world.faults();
    println!("soak: {}", world.ledger().summary());
    if faults.is_empty() {
        println!("soak: nothing leaked, nothing lost, no limit exceeded");
        world.forget_log();
        return ExitCode::SUCCESS;
    }
    for fault in &faults {
        eprintln!("soak: {fault}");
    }
    eprintln!(
        "soak: FAILED; to repeat: cargo test -p tryit --test soak -- --seconds {} --seed {}; the log: {}",
        options.length.as_secs(),
        options.seed,
        world.log_path().display()
    );
    ExitCode::FAILURE
}

/// Lets it all happen for as long as it shall, then lets everybody leave and looks at what is left.
async fn run(world: &World, daemon: &Daemon, options: &Options) {
    let mut everybody = JoinSet::new();
    for number in 0..VISITORS {
        let random = fastrand::Rng::with_seed(options.seed.wrapping_mul(1009).wrapping_add(number));
        everybody.spawn(visitor::come_and_go(world.clone(), number, random));
    }
    everybody.spawn(watch::watch(world.clone()));
    chaos::rage(world, daemon, options).await;
    world.close();
    let calm = Instant::now();
    while everybody.join_next().await.is_some() {}
    world.service().await.empty_the_pool().await;
    watch::everything_is_gone(world).await;
    println!("soak: it took {} s until everything was gone", calm.elapsed().as_secs());
    chaos::farewell(world).await;
}
