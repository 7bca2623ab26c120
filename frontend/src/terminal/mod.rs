//! One terminal of the session: joins the protocol, the socket and the engine, and shows how it stands as signals.

mod tabs;

pub use tabs::{MAX_TERMINALS, Tabs};

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use shared::API;
use shared::terminal::{CloseCode, Size};
use web_sys::HtmlElement;

use crate::browser::api::Key;
use crate::browser::socket::{Incoming, Socket};
use crate::browser::time::Timer;
use crate::browser::{address, page, random};
use crate::engine::{Engine, Output};
use crate::logic::attach::{Attach, Effect, Link, Mark, Notice, Query};
use crate::logic::input::Typed;
use crate::logic::keys::Sticky;
use crate::logic::words;

/// The size until there is an engine to ask.
const FIRST_SIZE: Size = Size { cols: 80, rows: 24 };
/// How long a notice is shown.
const NOTICE_MS: u32 = 10_000;

/// A terminal; clones are the same one.
#[derive(Clone)]
pub struct Terminal(Rc<Inner>);

/// What a terminal shows outside its screen.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// How it stands.
    pub link: RwSignal<Link>,
    /// What the visitor has to know, for a while; empty where there is nothing.
    pub notice: RwSignal<String>,
    /// Its last lines, while someone peeks at them.
    pub peek: RwSignal<String>,
    /// Modifiers of the key row.
    pub held: Held,
}

/// Modifiers that wait for the next key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    /// Ctrl.
    pub ctrl: RwSignal<bool>,
    /// Alt.
    pub alt: RwSignal<bool>,
}

struct Inner {
    number: u8,
    key: Key,
    face: Face,
    on_stop: Box<dyn Fn(CloseCode)>,
    attach: RefCell<Attach>,
    engine: RefCell<Option<Engine>>,
    socket: RefCell<Option<Socket>>,
    timers: RefCell<Timers>,
}

#[derive(Default)]
struct Timers {
    ack: Option<Timer>,
    hold: Option<Timer>,
    retry: Option<Timer>,
    notice: Option<Timer>,
}

impl Terminal {
    /// Terminal `number` of the session of `key`. `on_stop` hears why it stopped for good.
    pub fn new(number: u8, key: Key, held: Held, on_stop: impl Fn(CloseCode) + 'static) -> Self {
        let face = Face {
            link: RwSignal::new(Link::Connecting),
            notice: RwSignal::new(String::new()),
            peek: RwSignal::new(String::new()),
            held,
        };
        Terminal(Rc::new(Inner {
            number,
            key,
            face,
            on_stop: Box::new(on_stop),
            attach: RefCell::new(Attach::new(FIRST_SIZE)),
            engine: RefCell::default(),
            socket: RefCell::default(),
            timers: RefCell::default(),
        }))
    }

    /// What it shows outside its screen.
    pub fn face(&self) -> Face {
        self.0.face
    }

    /// Opens its screen in `host` and attaches. The engine was loaded before.
    pub fn open(&self, host: &HtmlElement) {
        let inner = Rc::downgrade(&self.0);
        let engine = Engine::open(host, move |output| {
            if let Some(inner) = inner.upgrade() {
                inner.output(output);
            }
        });
        if let Some(size) = engine.room() {
            engine.resize(size);
            self.0.attach.borrow_mut().resized(size);
        }
        self.0.engine.replace(Some(engine));
        self.0.change(Attach::connect);
    }

    /// Closes its screen and leaves.
    pub fn close(&self) {
        self.0.change(Attach::leave);
        self.0.timers.take();
        self.0.engine.take();
    }

    /// Types what a click on a command means. `build` is told whether the program takes a paste as one piece.
    pub fn run(&self, build: impl FnOnce(bool) -> Typed) {
        let bracketed = self.with_engine(Engine::takes_bracketed_paste).unwrap_or(false);
        let typed = build(bracketed);
        self.0.change(|attach| match typed.interrupt {
            true => attach.interrupt(typed.text.as_bytes()),
            false => attach.typed(typed.text.as_bytes()),
        });
    }

    /// Types text from the key row; `build` is told whether the program wants the arrows of an application.
    pub fn press(&self, build: impl FnOnce(bool) -> String) {
        let application = self.with_engine(Engine::wants_application_keys).unwrap_or(false);
        self.0.typed(build(application));
        self.focus();
    }

    /// Moves the keyboard's focus into it.
    pub fn focus(&self) {
        self.with_engine(Engine::focus);
    }

    /// Makes its screen readable for screen readers.
    pub fn set_screen_reader(&self, on: bool) {
        self.with_engine(|engine| engine.set_screen_reader(on));
    }

    /// Takes the colours of the style sheet again.
    pub fn repaint(&self) {
        self.with_engine(Engine::repaint);
    }

    /// The visitor asks for it: starts an ended command again, takes the place back, tries again now.
    pub fn resume(&self) {
        self.0.change(Attach::resume);
    }

    /// The network is back, or the tab is seen again.
    pub fn retry_now(&self) {
        self.0.change(Attach::retry);
    }

    fn with_engine<T>(&self, ask: impl FnOnce(&Engine) -> T) -> Option<T> {
        self.0.engine.borrow().as_ref().map(ask)
    }
}

impl Inner {
    /// Tells the protocol what happened and carries out what it answers.
    fn change(self: &Rc<Self>, event: impl FnOnce(&mut Attach) -> Vec<Effect>) {
        let effects = event(&mut self.attach.borrow_mut());
        self.perform(effects, None);
    }

    fn typed(self: &Rc<Self>, text: String) {
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

    fn output(self: &Rc<Self>, output: Output) {
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
