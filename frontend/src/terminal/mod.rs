//! One terminal of the session: joins the protocol, the socket and the engine, and shows how it stands as signals.

mod driver;
mod tabs;

pub use tabs::{MAX_TERMINALS, Tabs};

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use shared::terminal::{CloseCode, Size};
use web_sys::HtmlElement;

use self::driver::Inner;
use crate::browser::api::Key;
use crate::engine::Engine;
use crate::logic::attach::{Attach, Link};
use crate::logic::input::Typed;

/// The size until there is an engine to ask.
const FIRST_SIZE: Size = Size { cols: 80, rows: 24 };

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

    /// Types what a click on a command means, if there is or will be a shell for it. `build` is told whether the program
    /// takes a paste as one piece.
    pub fn run(&self, build: impl FnOnce(bool) -> Typed) -> bool {
        if !self.0.attach.borrow().takes_commands() {
            return false;
        }
        let bracketed = self.with_engine(Engine::takes_bracketed_paste).unwrap_or(false);
        let typed = build(bracketed);
        self.0.change(|attach| match typed.interrupt {
            true => attach.interrupt(typed.text.as_bytes()),
            false => attach.clicked(typed.text.as_bytes()),
        });
        true
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

    /// The session has another container than before.
    pub fn replaced(&self) {
        self.0.change(Attach::replaced);
    }

    /// The network is back, or the tab is seen again.
    pub fn retry_now(&self) {
        self.0.change(Attach::retry);
    }

    fn with_engine<T>(&self, ask: impl FnOnce(&Engine) -> T) -> Option<T> {
        self.0.engine.borrow().as_ref().map(ask)
    }
}
