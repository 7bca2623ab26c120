//! The input that waits: for the socket, for the service to take what was sent, for a prompt.

use shared::terminal::MAX_UNTAKEN_BYTES;

/// The largest frame: pastes travel in pieces.
const MAX_FRAME: usize = 32 * 1024;
/// What may wait behind an attached terminal: a large paste.
const MAX_WAITING: usize = 1024 * 1024;

/// What was typed and has not reached the program.
#[derive(Debug, Default)]
pub(super) struct Input {
    waiting: Vec<u8>,
    /// Nothing is sent until the program shows a sign of life.
    held: bool,
    sent: u64,
    taken: u64,
}

impl Input {
    /// A new socket: its counts begin at 0. What waits for a `fresh` program waits for its prompt too.
    pub fn attached(&mut self, fresh: bool) {
        self.sent = 0;
        self.taken = 0;
        self.held = fresh && !self.waiting.is_empty();
    }

    /// The socket is gone. Answers whether something sent was not taken: it may or may not have run, so it is
    /// never sent again, and neither is what was to follow it.
    pub fn detached(&mut self) -> bool {
        let uncertain = self.sent > self.taken;
        if uncertain {
            self.waiting.clear();
        }
        self.sent = 0;
        self.taken = 0;
        self.held = false;
        uncertain
    }

    /// Adds what was typed; refuses as a whole what is too much.
    pub fn push(&mut self, bytes: &[u8], attached: bool) -> bool {
        let room = if attached { MAX_WAITING } else { MAX_UNTAKEN_BYTES as usize };
        let fits = self.waiting.len() + bytes.len() <= room;
        if fits {
            self.waiting.extend_from_slice(bytes);
        }
        fits
    }

    /// Drops what waits; `then` waits for a sign of life.
    pub fn interrupt(&mut self, then: &[u8]) {
        self.waiting = then.to_vec();
        self.held = !then.is_empty();
    }

    /// The service took `count` bytes of this socket.
    pub fn taken(&mut self, count: u64) {
        self.taken = self.taken.max(count.min(self.sent));
    }

    /// Whether something waits for a sign of life.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// A sign of life. Answers whether something waited for it.
    pub fn release(&mut self) -> bool {
        std::mem::take(&mut self.held)
    }

    /// The next frame to send, if one may be sent.
    pub fn next_frame(&mut self) -> Option<Vec<u8>> {
        let room = MAX_UNTAKEN_BYTES.saturating_sub(self.sent - self.taken) as usize;
        let length = self.waiting.len().min(room).min(MAX_FRAME);
        if self.held || length == 0 {
            return None;
        }
        self.sent += length as u64;
        Some(self.waiting.drain(..length).collect())
    }
}
