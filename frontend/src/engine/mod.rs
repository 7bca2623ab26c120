//! The terminal engine: bytes in, bytes out, a size, and a call when bytes are parsed.
//!
//! xterm.js stands behind it. Nothing else in the page knows that, so a quicker one can take its place.
//! What it shows is hostile: links open only http(s) addresses, in a new tab that knows nothing of this one; the
//! clipboard can't be reached (xterm.js has no OSC 52 of its own); titles are ignored.

mod binding;
mod keyboard;
mod theme;

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Reflect, Uint8Array};
use shared::terminal::Size;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlElement, ResizeObserver};
use xterm_js_rs::addons::fit::FitAddon;
use xterm_js_rs::{Disposable, Terminal, TerminalOptions};

use self::binding::{Xterm, load_engine};
use crate::browser::page;

/// What the terminal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The visitor typed or pasted.
    Typed(String),
    /// The same as bytes that are no text (old mouse reports).
    TypedBytes(Vec<u8>),
    /// The terminal answered a query of the program, or reports its focus.
    Replied(String),
    /// Its place on the page has room for this size.
    Room(Size),
    /// What it shows has changed.
    Painted,
    /// The visitor wants to leave it by keyboard.
    Leave,
}

/// A terminal on the page. Dropping it removes it.
pub struct Engine {
    terminal: Terminal,
    fit: Rc<FitAddon>,
    observer: ResizeObserver,
    // What follows is called by the terminal: it goes last.
    _listeners: Vec<Disposable>,
    _closures: Vec<Box<dyn std::any::Any>>,
}

/// Loads the engine; call it when a terminal will be wanted soon. Answers whether it is there.
pub async fn load() -> bool {
    load_engine().await.is_ok()
}

impl Engine {
    /// Opens a terminal in `host`. [`load`] comes before it.
    pub fn open(host: &HtmlElement, on: impl Fn(Output) + Clone + 'static) -> Self {
        let terminal = Terminal::new(&options());
        let fit = Rc::new(FitAddon::new());
        terminal.load_addon(JsValue::from(fit.as_ref()).unchecked_into());
        terminal.open(host.clone());
        let mut engine = Engine {
            observer: observe(host, &fit, on.clone()),
            fit,
            _listeners: Vec::new(),
            _closures: Vec::new(),
            terminal,
        };
        engine.listen(on.clone());
        let handler = keyboard::handler(&engine.terminal, on);
        engine.terminal.attach_custom_key_event_handler(handler.as_ref().unchecked_ref());
        engine._closures.push(Box::new(handler));
        engine
    }

    fn listen(&mut self, on: impl Fn(Output) + Clone + 'static) {
        // xterm.js reports typing and its own replies by one listener, and only its core tells them apart: it
        // announces typing just before. (Internal to xterm.js 6.0.0, which is vendored with its checksum.)
        let typing = Rc::new(Cell::new(false));
        let announced = typing.clone();
        let user = Closure::<dyn FnMut()>::new(move || announced.set(true));
        let core = self.xterm().core().core_service();
        self._listeners.push(core.on_user_input(user.as_ref().unchecked_ref()));
        self._closures.push(Box::new(user));

        let said = on.clone();
        let data = Closure::<dyn FnMut(String)>::new(move |data| {
            said(if typing.take() { Output::Typed(data) } else { Output::Replied(data) });
        });
        self._listeners.push(self.terminal.on_data(data.as_ref().unchecked_ref()));
        self._closures.push(Box::new(data));

        let said = on.clone();
        let binary = Closure::<dyn FnMut(String)>::new(move |data: String| {
            said(Output::TypedBytes(data.chars().map(|character| character as u8).collect()));
        });
        self._listeners.push(self.terminal.on_binary(binary.as_ref().unchecked_ref()));
        self._closures.push(Box::new(binary));

        let painted = Closure::<dyn FnMut()>::new(move || on(Output::Painted));
        self._listeners.push(self.xterm().on_write_parsed(painted.as_ref().unchecked_ref()));
        self._closures.push(Box::new(painted));
    }

    fn xterm(&self) -> &Xterm {
        self.terminal.unchecked_ref()
    }

    /// Gives bytes to the terminal; `parsed` is called when it has parsed them.
    pub fn write(&self, bytes: &Uint8Array, parsed: impl FnOnce() + 'static) {
        self.xterm().write_bytes(bytes, &Closure::once_into_js(parsed));
    }

    /// Clears everything, in the order of what was written before.
    pub fn reset(&self, parsed: impl FnOnce() + 'static) {
        // RIS; `Terminal::reset` would overtake what waits to be parsed.
        self.write(&Uint8Array::from(b"\x1bc".as_slice()), parsed);
    }

    /// The size that there is room for; `None` while it isn't shown.
    pub fn room(&self) -> Option<Size> {
        room(&self.fit)
    }

    /// Sets the size.
    pub fn resize(&self, size: Size) {
        self.terminal.resize(size.cols.into(), size.rows.into());
    }

    /// Moves the keyboard's focus into it.
    pub fn focus(&self) {
        self.terminal.focus();
    }

    /// Whether the program takes a paste as one piece.
    pub fn takes_bracketed_paste(&self) -> bool {
        self.xterm().modes().bracketed_paste()
    }

    /// Whether the program wants the arrows of an application.
    pub fn wants_application_keys(&self) -> bool {
        self.xterm().modes().application_cursor_keys()
    }

    /// Makes what is shown readable for screen readers, or stops to (it costs typing comfort on some phones).
    pub fn set_screen_reader(&self, on: bool) {
        self.set_option("screenReaderMode", &on.into());
    }

    /// Takes the colours of the style sheet again.
    pub fn repaint(&self) {
        self.set_option("theme", &theme::from_tokens());
    }

    fn set_option(&self, name: &str, value: &JsValue) {
        // Cannot fail: the options are a plain object.
        let _ = Reflect::set(&self.xterm().options(), &name.into(), value);
    }

    /// The last lines that are not empty, at most `count`.
    pub fn last_lines(&self, count: u32) -> String {
        let buffer = self.terminal.get_buffer().get_active();
        let base = buffer.get_base_y();
        let end = base + buffer.get_cursor_y() + 1;
        let lines: Vec<String> = (end.saturating_sub(count).max(base)..end)
            .map(|line| buffer.get_line(line).translate_to_String(true, None, None))
            .collect();
        lines.join("\n")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.observer.disconnect();
        self.terminal.dispose();
    }
}

fn options() -> TerminalOptions {
    let options = TerminalOptions::new();
    options.set_font_family(&page::token("--mono"));
    options.set_font_size(if page::is_narrow() { 12 } else { 14 });
    options.set_scrollback(5_000);
    options.set_cursor_blink(!page::reduced_motion());
    let set = |name: &str, value: &JsValue| {
        let _ = Reflect::set(&options, &name.into(), value);
    };
    set("lineHeight", &1.2.into());
    set("theme", &theme::from_tokens());
    set("minimumContrastRatio", &4.5.into());
    set("macOptionIsMeta", &true.into());
    set("linkHandler", &binding::link_handler());
    options
}

fn room(fit: &FitAddon) -> Option<Size> {
    let proposed: JsValue = fit.propose_dimensions().into();
    let number =
        |name: &str| Reflect::get(&proposed, &name.into()).ok()?.as_f64().filter(|n| n.is_finite());
    let (cols, rows) = (number("cols")?, number("rows")?);
    Some(Size { cols: (cols as u16).clamp(2, 500), rows: (rows as u16).clamp(1, 300) })
}

fn observe(
    host: &HtmlElement,
    fit: &Rc<FitAddon>,
    on: impl Fn(Output) + 'static,
) -> ResizeObserver {
    let fit = fit.clone();
    let changed = Closure::<dyn FnMut()>::new(move || {
        if let Some(size) = room(&fit) {
            on(Output::Room(size));
        }
    });
    let function: Function = changed.into_js_value().unchecked_into();
    let observer = ResizeObserver::new(&function);
    match observer {
        Ok(observer) => {
            observer.observe(host);
            observer
        }
        // Every browser that runs WebAssembly has one.
        Err(missing) => missing.unchecked_into(),
    }
}
