//! The log: to standard error, as lines for people or as JSON for programs.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt};

use super::config::{Log, LogFormat};

/// Starts the log. Once per process; another call changes nothing.
pub(super) fn start(log: &Log) {
    // The configuration has checked the level.
    let filter = EnvFilter::new(&log.level);
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "the log was started before");
    }
}
