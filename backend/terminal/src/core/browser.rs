//! What a run knows of one attached browser.

use std::time::Instant;

use super::BrowserId;
use crate::{CloseReason, Hello, Notice, Size};

/// One attached browser. Its size in memory does not depend on how slow it is.
#[derive(Debug)]
pub struct Browser {
    pub id: BrowserId,
    /// Its own size; a watcher has none.
    pub size: Option<Size>,
    /// When it attached or typed last, in the order of all such moments: the writer is the last.
    pub turn: u64,
    /// Not sent yet.
    pub hello: Option<Hello>,
    /// The number of the next byte to send.
    pub sent: u64,
    /// The number of the next byte that it has not acknowledged.
    pub acked: u64,
    /// When its acknowledgement advanced last, or, if later, when there came something to acknowledge.
    pub owing_since: Instant,
    /// When everything before this number is sent, full-screen programs are made to draw again.
    pub redraw_at: Option<u64>,
    /// The size that it was told or said last.
    pub told_size: Size,
    /// Whether it was told that it is the writer.
    pub told_writer: bool,
    /// How many of its input bytes were accepted or dropped.
    pub taken: u64,
    /// How many it was told of.
    pub told_taken: u64,
    /// When it must be told.
    pub taken_due: Option<Instant>,
    /// Not sent yet; each kind once.
    pub notices: Vec<Notice>,
    /// Whether it was told that the command ended.
    pub told_exit: bool,
    /// Why it must go.
    pub closing: Option<CloseReason>,
    /// Whether it was told that its place was taken.
    pub told_taken_over: bool,
}

impl Browser {
    pub fn is_watcher(&self) -> bool {
        self.size.is_none()
    }

    /// Whether it counts: a watcher never does, nor one that is being let go.
    pub fn is_attached(&self) -> bool {
        !self.is_watcher() && self.closing.is_none()
    }

    /// Lets it go, unless it is being let go for another reason already.
    pub fn close(&mut self, reason: CloseReason) {
        self.closing.get_or_insert(reason);
    }

    /// Takes an acknowledgement.
    pub fn ack(&mut self, bytes: u64, now: Instant) {
        if bytes > self.sent {
            self.close(CloseReason::ProtocolError);
        } else if bytes > self.acked {
            self.acked = bytes;
            self.owing_since = now;
        }
    }

    pub fn notify(&mut self, notice: Notice) {
        if self.closing.is_none() && !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}
