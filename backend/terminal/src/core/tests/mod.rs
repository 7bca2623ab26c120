//! The core's rules, one by one; `model` tries them in every order.

mod exit;
mod input;
mod model;
mod output;
mod writer;

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Bounds, BrowserId, Core};
use crate::{Attach, BrowserCommand, CloseReason, Epoch, Hello, Role, ServerEvent, Since, Size};

const BOUNDS: Bounds = Bounds { buffer: 256, window: 128, hold: Duration::from_secs(30) };
const EPOCH: Epoch = Epoch(7);

/// A run with a clock that the test sets.
struct Bench {
    core: Core,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        Self { core: Core::new(EPOCH, BOUNDS, Size::USUAL), now: Instant::now() }
    }

    fn later(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
    }

    /// The program puts out `text`; what the pace leaves is returned.
    fn output(&mut self, text: impl AsRef<[u8]>) -> Bytes {
        let mut output = Bytes::copy_from_slice(text.as_ref());
        self.core.output(&mut output, self.now);
        output
    }

    fn attach_with(&mut self, how: Attach) -> BrowserId {
        self.core.attach(how, self.now).expect("not closed")
    }

    fn attach(&mut self) -> BrowserId {
        self.attach_with(browser(80, 24))
    }

    /// Attaches, and takes the hello.
    fn greet(&mut self, how: Attach) -> (BrowserId, Hello) {
        let id = self.attach_with(how);
        match self.next(id) {
            Some(ServerEvent::Hello(hello)) => (id, hello),
            other => panic!("{other:?} came before hello"),
        }
    }

    fn send(&mut self, id: BrowserId, command: BrowserCommand) -> bool {
        self.core.command(id, command, self.now)
    }

    fn ack(&mut self, id: BrowserId, bytes: u64) {
        assert!(self.send(id, BrowserCommand::Ack(bytes)));
    }

    fn type_(&mut self, id: BrowserId, text: &str) -> bool {
        self.send(id, BrowserCommand::Input(Bytes::copy_from_slice(text.as_bytes())))
    }

    fn next(&mut self, id: BrowserId) -> Option<ServerEvent> {
        self.core.next_event(id, self.now)
    }

    /// All that there is for a browser now.
    fn drain(&mut self, id: BrowserId) -> Vec<ServerEvent> {
        std::iter::from_fn(|| self.next(id)).collect()
    }

    /// Writes all that waits; what was written.
    fn write_all(&mut self) -> Vec<u8> {
        let mut written = Vec::new();
        while let Some(input) = self.core.next_input() {
            written.extend_from_slice(&input);
            self.core.input_accepted(self.now);
        }
        written
    }
}

fn browser(cols: u16, rows: u16) -> Attach {
    Attach { role: Role::Browser { size: size(cols, rows), restart: false }, since: None }
}

fn since(bytes: u64, epoch: Option<Epoch>) -> Attach {
    Attach { since: Some(Since { bytes, epoch }), ..browser(80, 24) }
}

const WATCHER: Attach = Attach { role: Role::Watcher, since: None };

fn size(cols: u16, rows: u16) -> Size {
    Size::new(cols, rows).expect("a valid size")
}

fn output(text: impl AsRef<[u8]>) -> ServerEvent {
    ServerEvent::Output(Bytes::copy_from_slice(text.as_ref()))
}

fn close(reason: CloseReason) -> ServerEvent {
    ServerEvent::Close(reason)
}
