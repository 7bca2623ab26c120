//! `make bench`: measures the service on a real LXD, each number beside its baseline in the same run.

mod args;
mod http;
mod lxd;
mod machine;
mod past;
mod phases;
mod process;
mod relay;
mod seed;
mod service;
mod stats;
mod table;
mod terminal;
mod visitor;
mod wrk;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use phases::Bench;
use table::Table;

/// What can go wrong is told in words, in the table.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Outcome<ExitCode> {
    if let Some(Command::Relay { to }) = args.command {
        relay::serve(&to).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let bench = Bench::new(&args)?;
    let machine = machine::describe(&bench.lxd).await?;
    eprintln!("{machine}");
    let mut table = Table::default();
    for phase in args.phases() {
        eprintln!("\n{}", phase.says());
        if let Err(error) = phase.run(&bench, &mut table).await {
            eprintln!("  failed: {error}");
            table.failed(phase.name(), &error.to_string());
        }
    }
    println!("\n{machine}\n\n{table}");
    if let Some(path) = &args.json {
        std::fs::write(path, serde_json::to_vec_pretty(&table.json(&machine))?)?;
    }
    Ok(if args.strict && !table.all_met() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
