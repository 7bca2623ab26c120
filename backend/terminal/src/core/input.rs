//! The input that waits for a program, and whose it is.

use std::{collections::VecDeque, fmt};

use bytes::{Bytes, BytesMut};

use super::BrowserId;
use crate::MAX_WAITING_INPUT;

/// The most that is handed over at once: `taken` is due at least this often.
pub const PIECE: usize = 16 * 1024;

/// How often waiting input may change hands. Only a browser that means harm gets there.
const MAX_RUNS: usize = 1024;

/// Ctrl-C.
const INTERRUPT: &[u8] = &[0x03];

/// Told when input that the service typed was accepted or dropped; dropped itself when the command ends before.
pub type Done = Box<dyn FnOnce(Typed) + Send>;

/// What became of input that the service typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// All of it was accepted.
    Accepted,
    /// An interrupt dropped it or its rest.
    Interrupted,
}

/// Too much is waiting already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Bytes of a browser that were accepted or dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub by: BrowserId,
    pub bytes: usize,
}

enum Source {
    Browser(BrowserId),
    /// A browser that has detached: what it sent is still typed.
    Gone,
    Interrupt,
    Script(Option<Done>),
}

struct Run {
    source: Source,
    len: usize,
}

/// Input in the order it came, as one buffer and the runs of bytes that came from one source.
#[derive(Default)]
pub struct Queue {
    bytes: BytesMut,
    runs: VecDeque<Run>,
    /// Handed over, and not accepted yet.
    in_flight: Option<Run>,
}

impl Queue {
    /// Appends input of a browser.
    pub fn push(&mut self, by: BrowserId, input: &[u8]) -> Result<(), Full> {
        if self.waiting(by) + input.len() > MAX_WAITING_INPUT {
            return Err(Full);
        }
        let runs = self.runs.len();
        match self.runs.back_mut() {
            Some(run) if run.is_by(by) => run.len += input.len(),
            _ if runs >= MAX_RUNS => return Err(Full),
            _ => self.runs.push_back(Run { source: Source::Browser(by), len: input.len() }),
        }
        self.bytes.extend_from_slice(input);
        Ok(())
    }

    /// Appends input of the service itself.
    pub fn push_script(&mut self, input: &[u8], done: Done) -> Result<(), Full> {
        if self.bytes.len() + input.len() > MAX_WAITING_INPUT || self.runs.len() >= MAX_RUNS {
            return Err(Full);
        }
        if input.is_empty() {
            done(Typed::Accepted);
            return Ok(());
        }
        self.runs.push_back(Run { source: Source::Script(Some(done)), len: input.len() });
        self.bytes.extend_from_slice(input);
        Ok(())
    }

    /// Drops all that waits and puts Ctrl-C in its place. What was handed over already is ahead of it.
    pub fn interrupt(&mut self) -> Vec<Taken> {
        let mut taken = Vec::new();
        for run in self.runs.drain(..) {
            match run.source {
                Source::Browser(by) => taken.push(Taken { by, bytes: run.len }),
                Source::Script(Some(done)) => done(Typed::Interrupted),
                Source::Script(None) | Source::Gone | Source::Interrupt => {}
            }
        }
        self.bytes = BytesMut::from(INTERRUPT);
        self.runs.push_back(Run { source: Source::Interrupt, len: INTERRUPT.len() });
        taken
    }

    /// Whether [`next`](Self::next) has something.
    pub fn is_ready(&self) -> bool {
        self.in_flight.is_none() && !self.runs.is_empty()
    }

    /// The next piece to hand over, once the one before is [`accepted`](Self::accepted).
    pub fn next(&mut self) -> Option<Bytes> {
        if self.in_flight.is_some() {
            return None;
        }
        let run = self.runs.front_mut()?;
        let len = run.len.min(PIECE);
        run.len -= len;
        let source = match &mut run.source {
            Source::Browser(by) => Source::Browser(*by),
            Source::Gone => Source::Gone,
            Source::Interrupt => Source::Interrupt,
            Source::Script(done) if run.len == 0 => Source::Script(done.take()),
            Source::Script(_) => Source::Script(None),
        };
        self.in_flight = Some(Run { source, len });
        if run.len == 0 {
            self.runs.pop_front();
        }
        let piece = self.bytes.split_to(len).freeze();
        if self.bytes.is_empty() {
            // A large paste leaves no memory behind.
            self.bytes = BytesMut::new();
        }
        Some(piece)
    }

    /// The piece that was handed over is accepted.
    pub fn accepted(&mut self) -> Option<Taken> {
        let Run { source, len } = self.in_flight.take()?;
        match source {
            Source::Browser(by) => Some(Taken { by, bytes: len }),
            Source::Script(Some(done)) => {
                done(Typed::Accepted);
                None
            }
            Source::Script(None) | Source::Gone | Source::Interrupt => None,
        }
    }

    /// A browser detached. What it sent is still typed, unless so much of such input waits that it may be meant to
    /// fill memory.
    pub fn orphan(&mut self, by: BrowserId) {
        let orphaned: usize = self.total(|run| matches!(run.source, Source::Gone));
        if orphaned + self.waiting(by) > MAX_WAITING_INPUT {
            self.discard(by);
        }
        for run in self.runs.iter_mut().chain(&mut self.in_flight).filter(|run| run.is_by(by)) {
            run.source = Source::Gone;
        }
    }

    /// Drops what waits of a browser.
    pub fn discard(&mut self, by: BrowserId) {
        let mut kept = BytesMut::new();
        for run in &self.runs {
            let bytes = self.bytes.split_to(run.len);
            if !run.is_by(by) {
                kept.extend_from_slice(&bytes);
            }
        }
        self.runs.retain(|run| !run.is_by(by));
        self.bytes = kept;
    }

    /// Drops everything: nobody takes input any more.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The bytes of a browser that are not accepted yet.
    fn waiting(&self, by: BrowserId) -> usize {
        self.total(|run| run.is_by(by))
    }

    fn total(&self, counts: impl Fn(&Run) -> bool) -> usize {
        self.runs.iter().chain(&self.in_flight).filter(|run| counts(run)).map(|run| run.len).sum()
    }
}

impl Run {
    fn is_by(&self, browser: BrowserId) -> bool {
        matches!(self.source, Source::Browser(by) if by == browser)
    }
}

/// Input may hold a visitor's passwords: only its amount is shown.
impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("bytes", &self.bytes.len())
            .field("runs", &self.runs.len())
            .finish()
    }
}
