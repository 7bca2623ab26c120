//! The command line: reads the configuration, builds the parts, and says in words why something can't be done.

pub mod app;
mod args;
mod check;
pub mod config;
mod drain;
mod failure;
mod logging;
mod preview;
mod reload;
mod serve;
mod setup;
mod token;

use std::{future::Future, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Parser;
use tokio::runtime::Runtime;

pub use failure::Failure;

use args::{Cli, Command, Token};
use config::{Config, Log};

use crate::reconciler::Orphans;

/// What to preview.
#[derive(Clone, Debug)]
pub struct PreviewOptions {
    /// A scenario directory, or a directory of them; absolute.
    pub directory: PathBuf,
    /// A loopback address.
    pub listen: SocketAddr,
}

/// Does what the command line asks. Code 0: done; 1: not done, and said why; 2: the command line is wrong.
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let file = cli.config;
    let load = || Config::load(file.as_deref());
    match cli.command {
        Command::Serve(options) => {
            let config = load()?;
            let level = logging::start(&config.log);
            for name in &config.ignored_variables {
                tracing::warn!(%name, "a variable begins with TRYIT_ and is no key of the configuration");
            }
            let orphans = match (options.adopt, options.purge) {
                (true, _) => Orphans::Adopt,
                (_, true) => Orphans::Purge,
                _ => Orphans::Stop,
            };
            block_on(serve::run(config, orphans, level))??;
        }
        Command::Setup(options) => {
            logging::start(&Log::warnings());
            block_on(setup::run(file.as_deref(), &options))??;
        }
        Command::Check(options) => {
            logging::start(&Log::warnings());
            return block_on(check::run(&load()?, &options));
        }
        Command::Token(Token::Create(wanted)) => token::create(&wanted)?,
        Command::Drain(wanted) => block_on(drain::run(file.as_deref(), &wanted))??,
        Command::Preview(options) => {
            logging::start(&Log::warnings());
            block_on(serve::run_preview(preview::options(&options)?))??;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = Runtime::new()
        .map_err(|error| Failure::new(format_args!("can't start threads: {error}")))?;
    Ok(runtime.block_on(future))
}
