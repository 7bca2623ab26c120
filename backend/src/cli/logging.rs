//! The log: to standard error, as lines for people or as JSON for programs.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

use super::config::{Log, LogFormat};

/// What is not logged unless the level names it: a request that is none is answered with 400, and is nobody's error.
const QUIET: &str = "actix_http::h1::dispatcher=off";

/// What a level of the configuration lets through. The configuration has checked it.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::new(format!("{QUIET},{level}"))
}

/// Changes what is logged while the service runs.
pub(super) struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// Logs what `level` says from now on.
    pub fn set(&self, level: &str) {
        if let Err(error) = self.0.reload(filter(level)) {
            tracing::warn!(%error, "the level of the log could not be changed");
        }
    }
}

/// Starts the log. Once per process; another call changes nothing and answers none.
pub(super) fn start(log: &Log) -> Option<Level> {
    let (filter, level) = reload::Layer::new(filter(&log.level));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_none_is_logged_only_when_the_level_says_so() {
        let directives = |level| filter(level).to_string();
        assert!(
            directives("info").contains("actix_http::h1::dispatcher=off"),
            "{}",
            directives("info")
        );
        let wanted = directives("info,actix_http::h1::dispatcher=error");
        assert!(wanted.contains("dispatcher=error") && !wanted.contains("off"), "{wanted}");
    }
}
