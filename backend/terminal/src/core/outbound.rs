//! What a browser gets next.

use std::time::Instant;

use super::{BrowserId, Core, End, browser::Browser};
use crate::{CloseReason, MAX_FRAME, ServerEvent};

/// The kinds of events, as far as they need to be told apart before one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Hello,
    Notice,
    TakenOver,
    Writer,
    Size,
    Taken,
    Gap,
    Output,
    Exit(Option<i32>),
    Close(CloseReason),
}

impl Core {
    /// Whether [`next_event`](Self::next_event) has something.
    pub fn has_event(&self, id: BrowserId, now: Instant) -> bool {
        self.browsers.iter().any(|browser| browser.id == id && self.next(browser, now).is_some())
    }

    /// The next event of a browser; none while there is nothing to say. [`ServerEvent::Close`] is the last.
    pub fn next_event(&mut self, id: BrowserId, now: Instant) -> Option<ServerEvent> {
        let at = self.browsers.iter().position(|browser| browser.id == id)?;
        let next = self.next(&self.browsers[at], now)?;
        let (size, writer, window) = (self.size, self.writer, self.bounds.window);
        let browser = &mut self.browsers[at];
        let event = match next {
            Next::Hello => ServerEvent::Hello(browser.hello.take()?),
            Next::Notice => ServerEvent::Notice(browser.notices.remove(0)),
            Next::TakenOver => {
                browser.told_taken_over = true;
                ServerEvent::TakenOver
            }
            Next::Writer => {
                browser.told_writer = writer == Some(id);
                ServerEvent::Writer(browser.told_writer)
            }
            Next::Size => {
                browser.told_size = size;
                ServerEvent::Size(size)
            }
            Next::Taken => {
                browser.told_taken = browser.taken;
                browser.taken_due = None;
                ServerEvent::Taken(browser.taken)
            }
            Next::Gap => {
                let from = self.ring.replay_start();
                browser.sent = from;
                browser.acked = from;
                browser.redraw_at = (!browser.is_watcher()).then(|| self.ring.end());
                ServerEvent::Gap { from }
            }
            Next::Output => {
                let room = browser.acked + window - browser.sent;
                let max = usize::try_from(room).unwrap_or(usize::MAX).min(MAX_FRAME);
                let output = self.ring.copy(browser.sent, max);
                browser.sent += output.len() as u64;
                ServerEvent::Output(output)
            }
            Next::Exit(code) => {
                browser.told_exit = true;
                ServerEvent::Exit { code }
            }
            Next::Close(reason) => {
                self.detach(id);
                return Some(ServerEvent::Close(reason));
            }
        };
        if browser.redraw_at.is_some_and(|live| browser.sent >= live) {
            browser.redraw_at = None;
            self.redraw = true;
        }
        Some(event)
    }

    fn next(&self, browser: &Browser, now: Instant) -> Option<Next> {
        if browser.hello.is_some() {
            return Some(Next::Hello);
        }
        if !browser.notices.is_empty() {
            return Some(Next::Notice);
        }
        if let Some(reason) = browser.closing {
            let tell = reason == CloseReason::TakenOver && !browser.told_taken_over;
            return Some(if tell { Next::TakenOver } else { Next::Close(reason) });
        }
        if browser.told_writer != (self.writer == Some(browser.id)) {
            return Some(Next::Writer);
        }
        if browser.told_size != self.size {
            return Some(Next::Size);
        }
        if browser.taken_due.is_some_and(|due| now >= due) {
            return Some(Next::Taken);
        }
        self.next_output(browser).or_else(|| self.next_of_end(browser, now))
    }

    fn next_output(&self, browser: &Browser) -> Option<Next> {
        let owed = browser.sent < self.ring.end();
        let room = browser.sent < browser.acked + self.bounds.window;
        let kept = browser.sent >= self.ring.start();
        (owed && room).then_some(if kept { Next::Output } else { Next::Gap })
    }

    /// What an ended run still has to say to a browser that cannot get more output now.
    fn next_of_end(&self, browser: &Browser, now: Instant) -> Option<Next> {
        match self.end? {
            End::Lost => Some(Next::Close(CloseReason::Lost)),
            End::Exhausted => Some(Next::Close(CloseReason::Exhausted)),
            End::Exited { .. } if browser.sent < self.ring.end() => {
                let given_up = self.gives_up_at(browser).is_some_and(|at| now >= at);
                given_up.then_some(Next::Close(CloseReason::Exited))
            }
            End::Exited { .. } if browser.taken_due.is_some() => Some(Next::Taken),
            End::Exited { code, .. } if !browser.told_exit => Some(Next::Exit(code)),
            End::Exited { .. } => Some(Next::Close(CloseReason::Exited)),
        }
    }
}
