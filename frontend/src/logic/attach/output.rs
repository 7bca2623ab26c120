//! The numbers of the output: received, parsed, acknowledged.

use shared::terminal::{ACK_EVERY_BYTES, Hello};

use super::{Effect, Mark};

/// Where the output stands. All numbers count from 0 in each epoch.
#[derive(Debug, Default)]
pub(super) struct Output {
    epoch: Option<String>,
    screen: u32,
    received: u64,
    parsed: u64,
    acked: u64,
    live: u64,
}

/// What a hello changes on the screen.
#[derive(Debug)]
pub(super) struct Change {
    /// The screen begins anew.
    pub reset: Option<Mark>,
    /// The command is another run than the one seen before.
    pub new_epoch: bool,
}

impl Output {
    /// What the browser has: it asks to go on from there.
    pub fn have(&self) -> Option<(u64, String)> {
        self.epoch.clone().map(|epoch| (self.received, epoch))
    }

    /// Whether everything that was there before the attachment is parsed.
    pub fn is_live(&self) -> bool {
        self.parsed >= self.live
    }

    /// The service says from where it sends.
    pub fn hello(&mut self, hello: &Hello) -> Change {
        let same = self.epoch.as_deref() == Some(hello.epoch.as_str());
        let new_epoch = self.epoch.is_some() && !same;
        self.live = hello.live;
        if same && hello.from == self.received {
            // What is still being parsed counts on; the service takes `from` as acknowledged.
            self.acked = hello.from;
            return Change { reset: None, new_epoch };
        }
        self.epoch = Some(hello.epoch.clone());
        Change { reset: Some(self.restart(hello.from)), new_epoch }
    }

    /// Output was lost; the next byte has the number `from`.
    pub fn gap(&mut self, from: u64) -> Mark {
        self.restart(from)
    }

    fn restart(&mut self, from: u64) -> Mark {
        self.screen += 1;
        self.received = from;
        self.acked = from;
        self.parsed = from;
        Mark { screen: self.screen, upto: from }
    }

    /// Cuts a frame where an acknowledgement is due and where the replay ends.
    pub fn write(&mut self, length: usize) -> Vec<Effect> {
        let first = self.received;
        let mut pieces = Vec::new();
        let mut start = 0;
        while start < length {
            let at = first + start as u64;
            let mut piece = ACK_EVERY_BYTES.min((length - start) as u64);
            if at < self.live {
                piece = piece.min(self.live - at);
            }
            let end = start + piece as usize;
            let mark = Mark { screen: self.screen, upto: at + piece };
            pieces.push(Effect::Write { start, end, mark });
            start = end;
        }
        self.received = first + length as u64;
        pieces
    }

    /// The terminal has parsed up to `mark`. A mark of an earlier screen says nothing any more.
    pub fn parsed(&mut self, mark: Mark) {
        if mark.screen == self.screen {
            self.parsed = self.parsed.max(mark.upto);
        }
    }

    /// Whether something was parsed that is not acknowledged.
    pub fn owes_ack(&self) -> bool {
        self.parsed > self.acked
    }

    /// Whether so much was parsed that the acknowledgement can't wait.
    pub fn owes_ack_now(&self) -> bool {
        self.parsed - self.acked >= ACK_EVERY_BYTES
    }

    /// The number to acknowledge.
    pub fn ack(&mut self) -> u64 {
        self.acked = self.parsed;
        self.acked
    }
}
