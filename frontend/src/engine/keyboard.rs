//! Keys that are the page's, not the program's: copy, paste, and the way out.

use leptos::task::spawn_local;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::KeyboardEvent;
use xterm_js_rs::Terminal;

use super::Output;
use crate::browser::clipboard;

/// What a key does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Goes to the program.
    Program,
    /// Copies the selection.
    Copy,
    /// Is left to the browser, which pastes.
    Paste,
    /// Leaves the terminal: Tab belongs to the program, so there must be another way.
    Leave,
}

fn meaning(key: &str, ctrl: bool, shift: bool, selection: bool) -> Meaning {
    match key {
        "C" | "c" if ctrl && shift => Meaning::Copy,
        // With a selection, as in most programs; without one it interrupts.
        "c" if ctrl && selection => Meaning::Copy,
        "Insert" if ctrl => Meaning::Copy,
        "V" | "v" if ctrl && shift => Meaning::Paste,
        "Insert" if shift => Meaning::Paste,
        "F6" if ctrl => Meaning::Leave,
        _ => Meaning::Program,
    }
}

/// The handler that xterm.js asks first; it answers whether the key goes to the program.
pub(super) fn handler(
    terminal: &Terminal,
    on: impl Fn(Output) + 'static,
) -> Closure<dyn FnMut(KeyboardEvent) -> bool> {
    let terminal: Terminal = JsValue::from(terminal).unchecked_into();
    Closure::new(move |event: KeyboardEvent| {
        if event.type_() != "keydown" || event.alt_key() || event.meta_key() {
            return true;
        }
        match meaning(&event.key(), event.ctrl_key(), event.shift_key(), terminal.has_selection()) {
            Meaning::Program => true,
            Meaning::Paste => false,
            Meaning::Copy => {
                event.prevent_default();
                copy(&terminal);
                false
            }
            Meaning::Leave => {
                event.prevent_default();
                on(Output::Leave);
                false
            }
        }
    })
}

fn copy(terminal: &Terminal) {
    let text = terminal.get_selection();
    if !text.is_empty() {
        terminal.clear_selection();
        spawn_local(async move {
            clipboard::copy(&text).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_c_interrupts_unless_something_is_selected() {
        assert_eq!(meaning("c", true, false, false), Meaning::Program);
        assert_eq!(meaning("c", true, false, true), Meaning::Copy);
        assert_eq!(meaning("C", true, true, false), Meaning::Copy);
        assert_eq!(meaning("V", true, true, false), Meaning::Paste);
        assert_eq!(meaning("v", true, false, false), Meaning::Program);
        assert_eq!(meaning("F6", true, false, false), Meaning::Leave);
        assert_eq!(meaning("Tab", false, false, false), Meaning::Program);
    }
}
