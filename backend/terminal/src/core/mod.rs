//! One run of a terminal's command as a state machine: without clock, task, channel or exec, so that every order of
//! events can be tried in a test.
//!
//! Output is kept once, in the ring; what a browser is to get next is worked out when it asks (`outbound`), and
//! whether the program may go on from what the browsers have acknowledged (`pace`).

mod browser;
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
use crate::{
    Attach, BrowserCommand, CloseReason, Epoch, Hello, MAX_BROWSERS, MAX_FRAME, Notice, Role,
    Since, Size,
};

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
            Some(End::Lost) | None => None,
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

    // What browsers do.

    /// Attaches a browser; none when the run is closed.
    pub fn attach(&mut self, how: Attach, now: Instant) -> Option<BrowserId> {
        if self.closed {
            return None;
        }
        let size = match how.role {
            Role::Browser { size, .. } => Some(size),
            Role::Watcher => None,
        };
        self.make_room(size.is_none());
        let (from, truncated) = self.beginning(how.since);
        let live = self.ring.end();
        self.turns += 1;
        let id = BrowserId(self.turns);
        self.browsers.push(Browser {
            id,
            size,
            turn: self.turns,
            hello: None,
            sent: from,
            acked: from,
            owing_since: now,
            redraw_at: (truncated && size.is_some()).then_some(live),
            told_size: self.size,
            told_writer: size.is_some(),
            taken: 0,
            told_taken: 0,
            taken_due: None,
            notices: Vec::new(),
            told_exit: false,
            closing: None,
            told_taken_over: false,
        });
        self.ever_attached |= size.is_some();
        self.settle_writer();
        let hello = Hello {
            epoch: self.epoch,
            from,
            live,
            truncated,
            writer: size.is_some(),
            window: self.bounds.window,
            size: self.size,
        };
        if let Some(browser) = self.browser(id) {
            browser.told_size = hello.size;
            browser.hello = Some(hello);
        }
        Some(id)
    }

    /// A browser has gone.
    pub fn detach(&mut self, id: BrowserId) {
        self.browsers.retain(|browser| browser.id != id);
        self.input.orphan(id);
        self.settle_writer();
    }

    /// A browser sent something. False when it is no longer attached.
    pub fn command(&mut self, id: BrowserId, command: BrowserCommand, now: Instant) -> bool {
        let accepts_input = self.end.is_none();
        let Some(browser) = self.browser(id) else { return false };
        if browser.closing.is_some() {
            return false;
        }
        match command {
            BrowserCommand::Ack(bytes) => browser.ack(bytes, now),
            _ if browser.is_watcher() => {}
            BrowserCommand::Resize(size) => {
                browser.size = Some(size);
                browser.told_size = size;
                self.settle_writer();
            }
            BrowserCommand::Input(input) if input.len() > MAX_FRAME => {
                browser.close(CloseReason::ProtocolError);
                self.settle_writer();
            }
            BrowserCommand::Input(_) | BrowserCommand::Interrupt if !accepts_input => {}
            BrowserCommand::Input(input) => self.typed(id, &input),
            BrowserCommand::Interrupt => {
                for taken in self.input.interrupt() {
                    self.credit(taken, now);
                }
                self.becomes_writer(id);
            }
        }
        true
    }

    /// Tells all who are attached.
    pub fn notify(&mut self, notice: Notice) {
        self.browsers.iter_mut().for_each(|browser| browser.notify(notice));
    }

    /// Lets all go, and nobody in again.
    pub fn close(&mut self, reason: CloseReason) {
        self.closed = true;
        match reason {
            CloseReason::Reset => self.notify(Notice::Reset),
            CloseReason::Restarting => self.notify(Notice::Restarting),
            _ => {}
        }
        self.browsers.iter_mut().for_each(|browser| browser.close(reason));
        self.input.clear();
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

    /// Where a browser's output begins, and whether it was cut there.
    fn beginning(&self, since: Option<Since>) -> (u64, bool) {
        match since {
            Some(Since { bytes, epoch })
                if epoch.is_none_or(|epoch| epoch == self.epoch)
                    && (self.ring.start()..=self.ring.end()).contains(&bytes) =>
            {
                (bytes, false)
            }
            _ => {
                let from = self.ring.replay_start();
                (from, from != 0)
            }
        }
    }

    /// Lets the oldest go where there are as many as may be.
    fn make_room(&mut self, watchers: bool) {
        let mut present = self
            .browsers
            .iter_mut()
            .filter(|browser| browser.is_watcher() == watchers && browser.closing.is_none());
        // They stand in the order in which they attached.
        if let Some(oldest) = present.next()
            && present.count() + 1 >= MAX_BROWSERS
        {
            oldest.close(CloseReason::TakenOver);
        }
    }

    fn typed(&mut self, id: BrowserId, input: &[u8]) {
        if input.is_empty() {
            return;
        }
        self.becomes_writer(id);
        if self.input.push(id, input).is_err() {
            self.input.discard(id);
            if let Some(browser) = self.browser(id) {
                browser.close(CloseReason::TooMuchInput);
            }
            self.settle_writer();
        }
    }

    fn becomes_writer(&mut self, id: BrowserId) {
        self.turns += 1;
        let turn = self.turns;
        if let Some(browser) = self.browser(id) {
            browser.turn = turn;
        }
        self.settle_writer();
    }

    /// The last to attach or type is the writer, and its size rules.
    fn settle_writer(&mut self) {
        let attached = self.browsers.iter().filter(|browser| browser.is_attached());
        let writer = attached.max_by_key(|browser| browser.turn);
        self.writer = writer.map(|browser| browser.id);
        if let Some(size) = writer.and_then(|browser| browser.size) {
            self.size = size;
        }
    }

    fn credit(&mut self, taken: input::Taken, now: Instant) {
        if let Some(browser) = self.browser(taken.by) {
            browser.taken += taken.bytes as u64;
            let untold = browser.taken - browser.told_taken;
            if untold >= input::PIECE as u64 {
                browser.taken_due = Some(now);
            } else {
                browser.taken_due.get_or_insert(now + TAKEN_DELAY);
            }
        }
    }
}
