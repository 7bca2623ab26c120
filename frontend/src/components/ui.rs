//! Views and handlers of few types.
//!
//! Leptos compiles a view of its own for each closure that it is given. Through these, all of them share one, which
//! halves the size of the page. For a text or an attribute that changes, `Signal::derive` does the same.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{MouseEvent, PointerEvent};

use crate::browser::page;
use crate::state::Session;

/// A view that is built anew whenever a signal changes that it reads.
pub fn dynamic(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    fn boxed(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
        (move || view()).into_any()
    }
    boxed(Box::new(view))
}

/// The same where there may be nothing to show.
pub fn maybe(view: impl Fn() -> Option<AnyView> + Send + 'static) -> AnyView {
    dynamic(move || view().into_any())
}

/// Does something outside the page's views, now and whenever a signal changes that it reads.
pub fn effect(act: impl FnMut() + 'static) {
    fn boxed(mut act: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| act());
    }
    boxed(Box::new(act));
}

/// A handler for a click.
pub fn click(mut act: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| act())
}

/// A handler for a click that leads into the terminal: what a visitor with a mouse types next is meant for it. A key
/// leaves the focus where it is, and a finger would only bring up the keyboard.
pub fn click_into_terminal(
    session: Session,
    mut act: impl FnMut() + 'static,
) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |event| {
        act();
        let by_mouse =
            event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() == "mouse");
        if by_mouse && page::has_mouse() {
            session.tabs.focus();
        }
    })
}

/// A text that changes.
pub fn text(text: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(text)
}

/// Something that is so or not.
pub fn flag(flag: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(flag)
}

/// The value of an attribute like `aria-pressed`.
pub fn state(flag: Signal<bool>) -> Signal<String> {
    text(move || flag.get().to_string())
}
