//! The browser's side of the terminal protocol `tryit.v1`, without a browser.
//!
//! [`Attach`] is told what happened and answers with [`Effect`]s to carry out. It owns the byte numbers, the
//! acknowledgements, the input that waits and the decision to come back; it has no clock and no socket.

mod effect;
mod input;
mod output;
#[cfg(test)]
mod tests;

use shared::terminal::{CloseCode, NoticeCode, ServerFrame, Size};

pub use self::effect::{Effect, Link, Lost, Mark, Notice, Query};
use self::input::Input;
use self::output::Output;
use super::backoff::Backoff;

/// One terminal of a session, as a browser attaches to it.
#[derive(Debug)]
pub struct Attach {
    link: Link,
    output: Output,
    input: Input,
    size: Size,
    writer: bool,
    said_hello: bool,
    /// A socket is being opened.
    opening: bool,
    /// What the next run of the command is, where it is none that the service's restart explains.
    expects: Option<Run>,
    /// How the terminal will stand when the service closes the socket, where it said why it will.
    farewell: Option<Link>,
    attempt: u32,
    ack_pending: bool,
}

/// A run of the command that comes as no surprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// The first one, or one that the visitor asked for.
    Asked,
    /// The one of a fresh container.
    Fresh,
}

/// How long the program may stay silent before what waits for its prompt is typed anyway.
const HOLD_MS: u32 = 1_000;
/// The wait before a terminal of a fresh container is asked for.
const SOON_MS: u32 = 100;
/// The wait from parsing to the acknowledgement: half of what the protocol allows.
const ACK_MS: u32 = 50;

impl Attach {
    /// A terminal that was never attached.
    pub fn new(size: Size) -> Self {
        Attach {
            link: Link::Connecting,
            output: Output::default(),
            input: Input::default(),
            size,
            writer: false,
            said_hello: false,
            opening: false,
            expects: Some(Run::Asked),
            farewell: None,
            attempt: 0,
            ack_pending: false,
        }
    }

    /// How it stands.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Attaches.
    pub fn connect(&mut self) -> Vec<Effect> {
        self.open(false)
    }

    /// The wait is over, or the network is back: tries again where the connection was lost.
    pub fn retry(&mut self) -> Vec<Effect> {
        match self.link {
            Link::Lost(_) if !self.opening => self.open(false),
            _ => Vec::new(),
        }
    }

    /// The visitor asks for it: starts an ended command again, takes the place back, tries again now.
    pub fn resume(&mut self) -> Vec<Effect> {
        match self.link {
            Link::Exited(_) | Link::Exhausted => {
                self.expects.get_or_insert(Run::Asked);
                self.open(true)
            }
            Link::Lost(_) => self.retry(),
            Link::Stopped(_) => self.open(false),
            Link::Connecting | Link::Waiting(_) | Link::Live => Vec::new(),
        }
    }

    fn open(&mut self, new: bool) -> Vec<Effect> {
        // What was lost is lost until it is there again: a message that came and went with each try would be noise.
        if !matches!(self.link, Link::Lost(_)) {
            self.link = Link::Connecting;
        }
        self.said_hello = false;
        self.opening = true;
        let have = if new { None } else { self.output.have() };
        vec![Effect::Connect(Query { size: self.size, have, new })]
    }

    /// A text frame came. One that can't be read is ignored: a newer service may say more.
    pub fn text(&mut self, json: &str) -> Vec<Effect> {
        let Ok(frame) = serde_json::from_str::<ServerFrame>(json) else { return Vec::new() };
        let mut effects = Vec::new();
        match frame {
            ServerFrame::Hello(hello) => {
                let fresh = hello.live == 0;
                let change = self.output.hello(&hello);
                self.link = Link::Live;
                self.said_hello = true;
                self.opening = false;
                self.farewell = None;
                self.attempt = 0;
                self.writer = hello.writer;
                self.input.attached(fresh);
                if let Some(mark) = change.reset {
                    effects.push(Effect::Reset(mark));
                    match self.expects {
                        None if change.new_epoch => effects.push(Effect::Tell(Notice::NewShell)),
                        Some(Run::Fresh) => effects.push(Effect::Tell(Notice::FreshContainer)),
                        _ => {}
                    }
                    if hello.truncated {
                        effects.push(Effect::Tell(Notice::OutputLost));
                    }
                }
                self.expects = None;
                if self.input.is_held() {
                    effects.push(Effect::HoldFor(HOLD_MS));
                }
                effects.extend(self.send());
            }
            ServerFrame::Status { message } if !self.said_hello => {
                self.link = Link::Waiting(message)
            }
            ServerFrame::Status { .. } => {}
            ServerFrame::Gap { from } => {
                effects.push(Effect::Reset(self.output.gap(from)));
                effects.push(Effect::Tell(Notice::OutputLost));
            }
            ServerFrame::Size(size) if !self.writer => effects.push(Effect::Resize(size)),
            ServerFrame::Size(_) => {}
            ServerFrame::Writer(true) if !self.writer => {
                self.writer = true;
                effects.push(Effect::Resize(self.size));
                effects.push(self.tell_size());
            }
            ServerFrame::Writer(writer) => self.writer = writer,
            ServerFrame::Taken(count) => {
                self.input.taken(count);
                effects.extend(self.send());
            }
            ServerFrame::Notice { code } => self.notice(code),
            ServerFrame::Exit { code } => self.link = Link::Exited(code),
            ServerFrame::TakenOver {} => self.link = Link::Stopped(CloseCode::TakenOver),
        }
        effects
    }

    /// The service says why it is about to close the socket.
    fn notice(&mut self, code: NoticeCode) {
        self.farewell = match code {
            NoticeCode::Restarting => Some(Link::Lost(Lost::Restarting)),
            NoticeCode::Reset => {
                self.expects = Some(Run::Fresh);
                Some(Link::Lost(Lost::Reset))
            }
            NoticeCode::ContainerExhausted => Some(Link::Exhausted),
            NoticeCode::LxdUnavailable => Some(Link::Lost(Lost::Unavailable)),
            NoticeCode::Other => return,
        };
    }

    /// The session's view has another container than before. Who is attached hears it by a notice; who is not has to
    /// know that a new run of the command is no surprise; what had ended in the old one starts in the new.
    pub fn replaced(&mut self) -> Vec<Effect> {
        if self.said_hello {
            return Vec::new();
        }
        self.expects = Some(Run::Fresh);
        match self.link {
            Link::Exited(_) | Link::Exhausted => self.open(false),
            _ => Vec::new(),
        }
    }

    /// A binary frame of `length` bytes came.
    pub fn bytes(&mut self, length: usize) -> Vec<Effect> {
        let mut effects = self.output.write(length);
        if self.input.release() {
            effects.extend(self.send());
        }
        effects
    }

    /// The terminal has parsed up to a mark.
    pub fn parsed(&mut self, mark: Mark) -> Vec<Effect> {
        self.output.parsed(mark);
        if !self.said_hello || !self.output.owes_ack() {
            Vec::new()
        } else if self.output.owes_ack_now() {
            self.ack()
        } else if self.ack_pending {
            Vec::new()
        } else {
            self.ack_pending = true;
            vec![Effect::AckIn(ACK_MS)]
        }
    }

    /// The time for an acknowledgement has come.
    pub fn ack_due(&mut self) -> Vec<Effect> {
        self.ack_pending = false;
        if self.said_hello && self.output.owes_ack() { self.ack() } else { Vec::new() }
    }

    fn ack(&mut self) -> Vec<Effect> {
        vec![Effect::SendText(format!("{{\"ack\":{}}}", self.output.ack()))]
    }

    /// Whether what the terminal says by itself (cursor reports and the like) may reach the program: replayed
    /// queries must not type into the shell, and only one browser answers live ones.
    pub fn may_reply(&self) -> bool {
        self.said_hello && self.writer && self.output.is_live()
    }

    /// The terminal answered a query.
    pub fn replied(&mut self, bytes: &[u8]) -> Vec<Effect> {
        if self.may_reply() && self.input.push(bytes, true) { self.send() } else { Vec::new() }
    }

    /// The visitor typed or pasted, or clicked a command.
    pub fn typed(&mut self, bytes: &[u8]) -> Vec<Effect> {
        match self.link {
            Link::Exited(_) | Link::Exhausted if bytes.contains(&b'\r') => return self.resume(),
            Link::Exited(_) | Link::Exhausted | Link::Stopped(_) => return Vec::new(),
            Link::Connecting | Link::Waiting(_) | Link::Live | Link::Lost(_) => {}
        }
        if self.input.push(bytes, self.said_hello) {
            self.send()
        } else {
            vec![Effect::Tell(Notice::InputTooMuch)]
        }
    }

    /// The visitor clicked a command. Where the shell has ended it starts again, and has the command at its prompt.
    pub fn clicked(&mut self, bytes: &[u8]) -> Vec<Effect> {
        match self.link {
            Link::Exited(_) | Link::Exhausted if self.input.push(bytes, false) => self.resume(),
            _ => self.typed(bytes),
        }
    }

    /// Whether a command that is clicked now reaches a shell.
    pub fn takes_commands(&self) -> bool {
        !matches!(self.link, Link::Stopped(_))
    }

    /// Ctrl-C that overtakes what waits; `then` is typed when the program has answered it.
    pub fn interrupt(&mut self, then: &[u8]) -> Vec<Effect> {
        // A shell that starts again has nothing to interrupt.
        if matches!(self.link, Link::Exited(_) | Link::Exhausted) {
            return self.clicked(then);
        }
        if !self.said_hello || self.link != Link::Live {
            return self.typed(&[&[0x03], then].concat());
        }
        self.input.interrupt(then);
        vec![Effect::SendText("{\"interrupt\":{}}".into()), Effect::HoldFor(HOLD_MS)]
    }

    /// The program stayed silent: what waits for it is typed now.
    pub fn hold_over(&mut self) -> Vec<Effect> {
        if self.input.release() { self.send() } else { Vec::new() }
    }

    fn send(&mut self) -> Vec<Effect> {
        if !self.said_hello {
            return Vec::new();
        }
        std::iter::from_fn(|| self.input.next_frame()).map(Effect::SendBytes).collect()
    }

    /// The terminal's place on the page has a new size.
    pub fn resized(&mut self, size: Size) -> Vec<Effect> {
        if !size.is_valid() || size == self.size {
            return Vec::new();
        }
        self.size = size;
        if self.said_hello && self.writer { vec![self.tell_size()] } else { Vec::new() }
    }

    /// Whether the terminal takes the size of this page, not that of another browser's.
    pub fn own_size_rules(&self) -> bool {
        self.writer || !self.said_hello
    }

    fn tell_size(&self) -> Effect {
        let Size { cols, rows } = self.size;
        Effect::SendText(format!("{{\"resize\":{{\"cols\":{cols},\"rows\":{rows}}}}}"))
    }

    /// The session is over, or the page leaves the terminal.
    pub fn leave(&mut self) -> Vec<Effect> {
        self.said_hello = false;
        self.opening = false;
        self.link = Link::Stopped(CloseCode::SessionEnded);
        vec![Effect::Disconnect]
    }

    /// The socket closed, with the number that the browser reports. `chance` in 0..1 spreads the way back.
    pub fn closed(&mut self, number: u16, chance: f64) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.input.detached() {
            effects.push(Effect::Tell(Notice::InputUncertain));
        }
        self.said_hello = false;
        self.opening = false;
        let farewell = self.farewell.take();
        if farewell == Some(Link::Exhausted) {
            self.link = Link::Exhausted;
            return effects;
        }
        let (lost, wait) = match CloseCode::from_u16(number) {
            // The browser's own 1006 (no close frame) and whatever a proxy invents.
            None | Some(CloseCode::Left | CloseCode::NoPong) => {
                (Lost::Network, Backoff::LOST.doubled(self.attempt, chance))
            }
            Some(CloseCode::Restarting) => (Lost::Restarting, Backoff::RESTARTING.anywhere(chance)),
            Some(CloseCode::Unavailable) => {
                (Lost::Unavailable, Backoff::UNAVAILABLE.doubled(self.attempt, chance))
            }
            Some(CloseCode::Ended) => {
                if !matches!(self.link, Link::Exited(_)) {
                    self.link = Link::Exited(None);
                }
                return effects;
            }
            Some(
                code @ (CloseCode::TakenOver
                | CloseCode::ProtocolError
                | CloseCode::Unauthorized
                | CloseCode::Forbidden
                | CloseCode::NoSuchTerminal
                | CloseCode::NotStarted
                | CloseCode::SessionEnded
                | CloseCode::TooMuchInput
                | CloseCode::TooManySockets),
            ) => {
                self.link = Link::Stopped(code);
                return effects;
            }
        };
        self.link = farewell.unwrap_or(Link::Lost(lost));
        // The service does not go away for a reset, so nobody else comes back at the same time.
        let wait = if self.link == Link::Lost(Lost::Reset) { SOON_MS } else { wait };
        self.attempt += 1;
        effects.push(Effect::RetryIn(wait));
        effects
    }
}
