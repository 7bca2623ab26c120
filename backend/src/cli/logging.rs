//! The log: to standard error, as lines for people or as JSON for programs.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

use super::config::{Log, LogFormat};

/// Changes what is logged while the service runs.
pub(super) struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// Logs what `level` says from now on. The configuration has checked it.
    pub fn set(&self, level: &str) {
        if let Err(error) = self.0.reload(EnvFilter::new(level)) {
            tracing::warn!(%error, "the level of the log could not be changed");
        }
    }
}

/// Starts the log. Once per process; another call changes nothing and answers none.
pub(super) fn start(log: &Log) -> Option<Level> {
    // The configuration has checked the level.
    let (filter, level) = reload::Layer::new(EnvFilter::new(&log.level));
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match log.format {
        LogFormat::Text => Layer::boxed(lines.with_ansi(io::stderr().is_terminal())),
        LogFormat::Json => Layer::boxed(lines.json().flatten_event(true).with_span_list(false)),
    };
    match tracing_subscriber::registry().with(filter).with(lines).try_init() {
        Ok(()) => Some(Level(level)),
        Err(error) => {
            tracing::debug!(%error, "the log was started before");
            None
        }
    }
}
