//! The two ends that a browser's connection holds.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::{Attach, BrowserCommand, Detached, Role, ServerEvent, core::BrowserId, run::Run};

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
pub struct Events {
    run: Arc<Run>,
    id: BrowserId,
    watcher: bool,
    bell: Arc<Notify>,
    closed: bool,
    /// A shutdown waits for it.
    _token: TaskTrackerToken,
}

/// What one browser sends to a terminal.
#[derive(Clone, Debug)]
pub struct Commands {
    run: Arc<Run>,
    id: BrowserId,
    watcher: bool,
}

impl Attachment {
    /// Attaches to a run; none when it is closed.
    pub(crate) fn new(run: Arc<Run>, how: Attach, token: TaskTrackerToken) -> Option<Self> {
        let (id, bell) = run.attach(how)?;
        let watcher = matches!(how.role, Role::Watcher);
        let commands = Commands { run: Arc::clone(&run), id, watcher };
        Some(Self {
            events: Events { run, id, watcher, bell, closed: false, _token: token },
            commands,
        })
    }
}

impl Events {
    /// The next event; none after [`ServerEvent::Close`]. Cancel-safe.
    ///
    /// Events are made when they are asked for, out of what is the case then: a slow connection keeps nothing
    /// waiting but the terminal's one buffer, and output that came meanwhile arrives merged.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        loop {
            if self.closed {
                return None;
            }
            if let Some(event) = self.run.next_event(self.id) {
                self.closed = matches!(event, ServerEvent::Close(_));
                return Some(event);
            }
            self.bell.notified().await;
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.run.detach(self.id, self.watcher);
    }
}

impl Commands {
    /// Hands a command over; never waits. What breaks the protocol shows as [`ServerEvent::Close`] in the events.
    pub fn send(&self, command: BrowserCommand) -> Result<(), Detached> {
        if self.run.command(self.id, self.watcher, command) { Ok(()) } else { Err(Detached) }
    }
}
