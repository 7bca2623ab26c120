//! Carries out what the protocol asks for: sockets, screens, timers.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use shared::API;
use shared::terminal::{CloseCode, Size};

use super::{Face, Held};
use crate::browser::api::Key;
use crate::browser::socket::{Incoming, Socket};
use crate::browser::time::Timer;
use crate::browser::{address, page, random};
use crate::engine::{Engine, Output};
use crate::logic::attach::{Attach, Effect, Link, Mark, Notice, Query};
use crate::logic::keys::Sticky;
use crate::logic::words;

/// How long a notice is shown.
const NOTICE_MS: u32 = 10_000;

/// What clones of a terminal share.
pub(super) struct Inner {
    pub(super) number: u8,
    pub(super) key: Key,
    pub(super) face: Face,
    pub(super) on_stop: Box<dyn Fn(CloseCode)>,
    pub(super) attach: RefCell<Attach>,
    pub(super) engine: RefCell<Option<Engine>>,
    pub(super) socket: RefCell<Option<Socket>>,
    pub(super) timers: RefCell<Timers>,
}

/// The calls that are due later.
#[derive(Default)]
pub(super) struct Timers {
    ack: Option<Timer>,
    hold: Option<Timer>,
    retry: Option<Timer>,
    notice: Option<Timer>,
}

impl Inner {
    /// Tells the protocol what happened and carries out what it answers.
    pub(super) fn change(self: &Rc<Self>, event: impl FnOnce(&mut Attach) -> Vec<Effect>) {
        let effects = event(&mut self.attach.borrow_mut());
        self.perform(effects, None);
    }

    pub(super) fn typed(self: &Rc<Self>, text: String) {
        let Held { ctrl, alt } = self.face.held;
        let mut sticky = Sticky { ctrl: ctrl.get_untracked(), alt: alt.get_untracked() };
        let text = sticky.apply(text);
        for held in [ctrl, alt] {
            if held.get_untracked() {
                held.set(false);
            }
        }
        self.change(|attach| attach.typed(text.as_bytes()));
    }

    pub(super) fn output(self: &Rc<Self>, output: Output) {
        match output {
            Output::Typed(text) => self.typed(text),
            Output::TypedBytes(bytes) => self.change(|attach| attach.typed(&bytes)),
            Output::Replied(text) => self.change(|attach| attach.replied(text.as_bytes())),
            Output::Room(size) => {
                self.change(|attach| attach.resized(size));
                if self.attach.borrow().own_size_rules() {
                    self.with_engine(|engine| engine.resize(size));
                }
            }
            Output::Painted => {
                if page::is_narrow() {
                    self.with_engine(|engine| drop(self.face.peek.try_set(engine.last_lines(6))));
                }
            }
            Output::Leave => page::focus("guide"),
        }
    }

    fn incoming(self: &Rc<Self>, incoming: Incoming) {
        match incoming {
            Incoming::Text(text) => self.change(|attach| attach.text(&text)),
            Incoming::Bytes(bytes) => {
                let effects = self.attach.borrow_mut().bytes(bytes.length() as usize);
                self.perform(effects, Some(&bytes));
            }
            Incoming::Closed(number) => {
                self.socket.take();
                self.change(|attach| attach.closed(number, random::chance()));
                if let Link::Stopped(code) = *self.attach.borrow().link() {
                    (self.on_stop)(code);
                }
            }
        }
    }

    fn perform(self: &Rc<Self>, effects: Vec<Effect>, frame: Option<&Uint8Array>) {
        for effect in effects {
            match effect {
                Effect::Connect(query) => self.connect(&query),
                Effect::Disconnect => drop(self.socket.take()),
                Effect::SendText(text) => self.with_socket(|socket| socket.send_text(&text)),
                Effect::SendBytes(bytes) => self.with_socket(|socket| socket.send_bytes(&bytes)),
                Effect::Reset(mark) => {
                    self.with_engine(|engine| engine.reset(self.reporting(mark)))
                }
                Effect::Write { start, end, mark } => {
                    if let Some(frame) = frame {
                        let piece = frame.subarray(start as u32, end as u32);
                        self.with_engine(|engine| engine.write(&piece, self.reporting(mark)));
                    }
                }
                Effect::Resize(size) => self.with_engine(|engine| engine.resize(size)),
                Effect::AckIn(wait) => {
                    let timer = Timer::calling(wait, self, |inner| inner.change(Attach::ack_due));
                    self.timers.borrow_mut().ack = Some(timer);
                }
                Effect::HoldFor(wait) => {
                    let timer = Timer::calling(wait, self, |inner| inner.change(Attach::hold_over));
                    self.timers.borrow_mut().hold = Some(timer);
                }
                Effect::RetryIn(wait) => {
                    let timer = Timer::calling(wait, self, |inner| inner.change(Attach::retry));
                    self.timers.borrow_mut().retry = Some(timer);
                }
                Effect::Tell(notice) => self.tell(notice),
            }
        }
        let link = self.attach.borrow().link().clone();
        if self.face.link.try_with_untracked(|shown| *shown != link) == Some(true) {
            self.face.link.set(link);
        }
    }

    fn tell(self: &Rc<Self>, notice: Notice) {
        self.face.notice.try_set(words::notice(notice).to_owned());
        let timer = Timer::calling(NOTICE_MS, self, |inner| {
            inner.face.notice.try_set(String::new());
        });
        self.timers.borrow_mut().notice = Some(timer);
    }

    /// Reports to the protocol that the engine has parsed up to `mark`.
    fn reporting(self: &Rc<Self>, mark: Mark) -> impl FnOnce() + 'static {
        let inner = Rc::downgrade(self);
        move || {
            if let Some(inner) = inner.upgrade() {
                inner.change(|attach| attach.parsed(mark));
            }
        }
    }

    fn connect(self: &Rc<Self>, query: &Query) {
        let inner = Rc::downgrade(self);
        let on = move |incoming| {
            if let Some(inner) = inner.upgrade() {
                inner.incoming(incoming);
            }
        };
        let url = address::socket(&self.path(query));
        self.socket.replace(Socket::open(&url, &self.key.token, on));
    }

    fn path(&self, query: &Query) -> String {
        let Size { cols, rows } = query.size;
        let terminal = format!("{API}/sessions/{}/terminals/{}", self.key.id, self.number);
        let have =
            query.have.as_ref().map(|(since, epoch)| format!("&since={since}&epoch={epoch}"));
        let new = if query.new { "&new=1" } else { "" };
        format!("{terminal}?cols={cols}&rows={rows}{}{new}", have.unwrap_or_default())
    }

    fn with_engine(&self, tell: impl FnOnce(&Engine)) {
        if let Some(engine) = self.engine.borrow().as_ref() {
            tell(engine);
        }
    }

    fn with_socket(&self, tell: impl FnOnce(&Socket)) {
        if let Some(socket) = self.socket.borrow().as_ref() {
            tell(socket);
        }
    }
}
