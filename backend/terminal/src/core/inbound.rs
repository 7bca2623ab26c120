//! What browsers do: attach, detach, send.

use std::time::Instant;

use super::{BrowserId, Core, End, TAKEN_DELAY, browser::Browser, input};
use crate::{
    Attach, BrowserCommand, CloseReason, Hello, MAX_BROWSERS, MAX_FRAME, Notice, Role, Since,
};

impl Core {
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
        // A browser that attaches becomes the writer, so its size rules from now on.
        let hello = Hello {
            epoch: self.epoch,
            from,
            live,
            truncated,
            writer: size.is_some(),
            window: self.bounds.window,
            size: size.unwrap_or(self.size),
        };
        self.turns += 1;
        let id = BrowserId(self.turns);
        self.browsers.push(Browser {
            id,
            size,
            turn: self.turns,
            hello: Some(hello),
            sent: from,
            acked: from,
            owing_since: now,
            redraw_at: (truncated && size.is_some()).then_some(live),
            told_size: hello.size,
            told_writer: hello.writer,
            taken: 0,
            told_taken: 0,
            taken_due: None,
            notices: match self.end {
                Some(End::Exhausted) => vec![Notice::Exhausted],
                _ => Vec::new(),
            },
            told_exit: false,
            closing: None,
            told_taken_over: false,
        });
        self.ever_attached |= size.is_some();
        self.settle_writer();
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
    pub(super) fn settle_writer(&mut self) {
        let attached = self.browsers.iter().filter(|browser| browser.is_attached());
        let writer = attached.max_by_key(|browser| browser.turn);
        self.writer = writer.map(|browser| browser.id);
        if let Some(size) = writer.and_then(|browser| browser.size) {
            self.size = size;
        }
    }

    pub(super) fn credit(&mut self, taken: input::Taken, now: Instant) {
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
