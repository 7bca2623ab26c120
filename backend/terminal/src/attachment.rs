//! The two ends that a browser's connection holds.

use crate::{BrowserCommand, Detached, ServerEvent};

/// A browser attached to a terminal. The ends may be used from different tasks and runtimes.
#[derive(Debug)]
pub struct Attachment {
    /// What the terminal sends. Dropping it detaches the browser.
    pub events: Events,
    /// What the browser sends.
    pub commands: Commands,
}

/// What a terminal sends to one browser. Dropping it detaches the browser.
#[derive(Debug)]
pub struct Events {}

impl Events {
    /// The next event; none after [`ServerEvent::Close`]. Cancel-safe.
    ///
    /// Events are made when they are asked for, out of what is the case then: a slow connection keeps nothing
    /// waiting but the terminal's one buffer, and output that came meanwhile arrives merged.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        todo!()
    }
}

/// What one browser sends to a terminal.
#[derive(Clone, Debug)]
pub struct Commands {}

impl Commands {
    /// Hands a command over; never waits. What breaks the protocol shows as [`ServerEvent::Close`] in the events.
    pub fn send(&self, _command: BrowserCommand) -> Result<(), Detached> {
        todo!()
    }
}
