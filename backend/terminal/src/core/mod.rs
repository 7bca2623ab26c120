//! One run of a terminal's command as a state machine: without clock, task, channel or exec, so that every order of
//! events can be tried in a test.
//!
//! Output is kept once, in the ring; what a browser does changes the state (`inbound`), what it is to get next is
//! worked out when it asks (`outbound`), and whether the program may go on from what the browsers have acknowledged (`pace`).

mod browser;
mod inbound;
mod input;
mod outbound;
mod pace;
mod ring;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};

pub use self::input::{Done, Full, Typed};
use self::{browser::Browser, input::Queue, ring::Ring};
use crate::{Epoch, Notice, Size};

/// When a browser is told what was taken of its input, at the latest; 100 ms are promised.
const TAKEN_DELAY: Duration = Duration::from_millis(50);

/// Bounds of a run.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of output kept.
    pub buffer: usize,
    /// Bytes sent beyond an acknowledgement; at most half the buffer.
    pub window: u64,
    /// How long a browser that does not acknowledge holds the program back.
    pub hold: Duration,
}

/// An attached browser, within its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserId(u64);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The command ended.
    Exited { code: Option<i32>, at: Instant },
    /// The connection to it was lost.
    Lost,
    /// The container had nothing left to run it with.
    Exhausted,
}

/// A size to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resize {
    /// The size.
    pub to: Size,
    /// Whether another size is to be set before, so that full-screen programs draw again.
    pub redraw: bool,
}

/// One run of a terminal's command.
#[derive(Debug)]
pub struct Core {
    epoch: Epoch,
    bounds: Bounds,
    ring: Ring,
    input: Queue,
    browsers: Vec<Browser>,
    /// Identifies browsers, and orders their attaching and typing.
    turns: u64,
    ever_attached: bool,
    writer: Option<BrowserId>,
    size: Size,
    applied_size: Size,
    redraw: bool,
    end: Option<End>,
    closed: bool,
}

impl Core {
    /// A run that has just begun, in this size.
    pub fn new(epoch: Epoch, bounds: Bounds, size: Size) -> Self {
        Self {
            epoch,
            bounds,
            ring: Ring::new(bounds.buffer),
            input: Queue::default(),
            browsers: Vec::new(),
            turns: 0,
            ever_attached: false,
            writer: None,
            size,
            applied_size: size,
            redraw: false,
            end: None,
            closed: false,
        }
    }

    /// The run's name.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether the command ended, and how, where known.
    pub fn exit(&self) -> Option<Option<i32>> {
        match self.end {
            Some(End::Exited { code, .. }) => Some(code),
            Some(End::Lost | End::Exhausted) | None => None,
        }
    }

    /// Browsers attached now.
    pub fn attached(&self) -> usize {
        self.browsers.iter().filter(|browser| browser.is_attached()).count()
    }

    /// Whether a browser ever was.
    pub fn ever_attached(&self) -> bool {
        self.ever_attached
    }

    /// Whether nobody is left to whom something could be sent.
    pub fn is_deserted(&self) -> bool {
        self.browsers.is_empty()
    }

    // What the exec does.

    /// Takes as much of the output as the pace allows; the rest stays in `output`.
    pub fn output(&mut self, output: &mut Bytes, now: Instant) {
        let room = usize::try_from(self.room(now)).unwrap_or(usize::MAX);
        let count = room.min(output.len());
        for browser in self.browsers.iter_mut().filter(|browser| browser.acked == self.ring.end()) {
            // However long it was quiet before: it had nothing to say.
            browser.owing_since = now;
        }
        self.ring.push(&output[..count]);
        output.advance(count);
    }

    /// The command ended; all its output was put in.
    pub fn exited(&mut self, code: Option<i32>, now: Instant) {
        self.end.get_or_insert(End::Exited { code, at: now });
        self.input.clear();
    }

    /// The connection to the command was lost.
    pub fn lost(&mut self) {
        self.end.get_or_insert(End::Lost);
        self.input.clear();
    }

    /// The command could not be run: the container has nothing left to run it with.
    pub fn exhausted(&mut self) {
        self.notify(Notice::Exhausted);
        self.end.get_or_insert(End::Exhausted);
        self.input.clear();
    }

    /// Input that the service types itself.
    pub fn script(&mut self, input: &[u8], done: Done) -> Result<(), Full> {
        if self.end.is_some() || self.closed {
            // Dropping `done` says that nobody is there to type to.
            return Ok(());
        }
        self.input.push_script(input, done)
    }

    /// Whether [`next_input`](Self::next_input) has something.
    pub fn has_input(&self) -> bool {
        self.input.is_ready()
    }

    /// The next bytes to write, once those before are [`accepted`](Self::input_accepted).
    pub fn next_input(&mut self) -> Option<Bytes> {
        self.input.next()
    }

    /// The bytes handed out last were accepted.
    pub fn input_accepted(&mut self, now: Instant) {
        if let Some(taken) = self.input.accepted() {
            self.credit(taken, now);
        }
    }

    /// Whether [`next_resize`](Self::next_resize) has something.
    pub fn has_resize(&self) -> bool {
        self.end.is_none() && (self.redraw || self.size != self.applied_size)
    }

    /// The size to set now.
    pub fn next_resize(&mut self) -> Option<Resize> {
        self.has_resize().then(|| {
            self.applied_size = self.size;
            Resize { to: self.size, redraw: std::mem::take(&mut self.redraw) }
        })
    }

    fn browser(&mut self, id: BrowserId) -> Option<&mut Browser> {
        self.browsers.iter_mut().find(|browser| browser.id == id)
    }
}
