//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::phases::Phase;

/// Measures the service on a real LXD, each number beside its baseline in the same run.
#[derive(Debug, Parser)]
#[command(subcommand_negates_reqs = true)]
pub struct Args {
    /// The service's binary, built for release.
    #[arg(long, default_value = "target/release/tryit")]
    pub tryit: PathBuf,
    /// The unix socket of an LXD that may be filled with containers; the images tryit-shell and tryit-lxd are there.
    #[arg(long, required = true)]
    pub socket: Option<PathBuf>,
    /// Fewer repetitions: whether it works, not what it reaches.
    #[arg(long)]
    pub quick: bool,
    /// Only these, by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Phase>,
    /// Where the figures go as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Ends with code 1 when a bar is missed.
    #[arg(long)]
    pub strict: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program does for itself.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Relays bytes from TCP to a unix socket: the least that any service in front of LXD costs.
    #[command(hide = true)]
    Relay {
        /// The unix socket.
        to: PathBuf,
    },
}

impl Args {
    /// What is to be measured, in order.
    pub fn phases(&self) -> Vec<Phase> {
        let wanted = |phase: &&Phase| self.only.is_empty() || self.only.contains(phase);
        Phase::value_variants().iter().filter(wanted).copied().collect()
    }
}
