//! The document around the page: its title, whether it is seen, the frame it may stand in.

use js_sys::{Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlElement, VisibilityState};

/// Sets the title of the tab.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Whether the tab can be seen.
pub fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// Whether the visitor asked for less motion.
pub fn reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the guide and the terminal share one screen: the same width as in the style sheet.
pub fn is_narrow() -> bool {
    matches("(max-width: 760px)")
}

/// Whether there is a mouse or the like.
pub fn has_mouse() -> bool {
    matches("(pointer: fine)")
}

fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Removes what stood there while the page was loading.
pub fn remove_placeholder() {
    if let Some(placeholder) = document().get_element_by_id("boot") {
        placeholder.remove();
    }
}

/// Tells the page around the frame that this one loaded. It carries nothing, so that any page may hear it.
pub fn greet_host() {
    let greeting = Object::new();
    if let Ok(Some(host)) = window().parent()
        && Reflect::set(&greeting, &"tryit".into(), &"ready".into()).is_ok()
    {
        let _ = host.post_message(&greeting, "*");
    }
}

/// Closes a menu; one that is closed stays closed.
pub fn close_menu(id: &str) {
    if let Some(menu) = html_element(id) {
        let _ = menu.hide_popover();
    }
}

/// Moves the focus to an element, so that a keyboard or a screen reader goes on there.
pub fn focus(id: &str) {
    if let Some(element) = html_element(id) {
        let _ = element.focus();
    }
}

fn html_element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The value of a token of the style sheet.
pub fn token(name: &str) -> String {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let value = style.and_then(|style| style.get_property_value(name).ok());
    value.map(|value| value.trim().to_owned()).unwrap_or_default()
}

/// Calls `then` whenever the visitor's system changes between light and dark, while the caller's owner lives.
pub fn on_scheme_change(then: impl Fn() + 'static) {
    let Ok(Some(list)) = window().match_media("(prefers-color-scheme: dark)") else { return };
    let changed = Closure::<dyn FnMut()>::new(then);
    list.set_onchange(Some(changed.as_ref().unchecked_ref()));
    let listener = StoredValue::new_local((list, changed));
    on_cleanup(move || {
        listener.try_with_value(|(list, _)| list.set_onchange(None));
    });
}
