//! What xterm-js-rs, written for an older xterm.js, does not know of the present one.

use js_sys::{Function, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Event;
use xterm_js_rs::Disposable;

#[wasm_bindgen(module = "xterm")]
extern "C" {
    /// Loads xterm.js and its style sheet.
    #[wasm_bindgen(catch, js_name = loadEngine)]
    pub(super) async fn load_engine() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// A `Terminal` of xterm.js 6.
    pub(super) type Xterm;

    #[wasm_bindgen(method, js_name = write)]
    pub(super) fn write_bytes(this: &Xterm, bytes: &Uint8Array, parsed: &JsValue);

    #[wasm_bindgen(method, getter)]
    pub(super) fn options(this: &Xterm) -> Object;

    #[wasm_bindgen(method, getter)]
    pub(super) fn modes(this: &Xterm) -> Modes;

    #[wasm_bindgen(method, js_name = onWriteParsed)]
    pub(super) fn on_write_parsed(this: &Xterm, listener: &Function) -> Disposable;

    #[wasm_bindgen(method, getter, js_name = _core)]
    pub(super) fn core(this: &Xterm) -> Core;

    /// The modes that the program has set.
    pub(super) type Modes;

    #[wasm_bindgen(method, getter, js_name = bracketedPasteMode)]
    pub(super) fn bracketed_paste(this: &Modes) -> bool;

    #[wasm_bindgen(method, getter, js_name = applicationCursorKeysMode)]
    pub(super) fn application_cursor_keys(this: &Modes) -> bool;

    /// Internal: what a `Terminal` wraps.
    pub(super) type Core;

    #[wasm_bindgen(method, getter, js_name = coreService)]
    pub(super) fn core_service(this: &Core) -> CoreService;

    /// Internal: where typed and replied data meet.
    pub(super) type CoreService;

    #[wasm_bindgen(method, js_name = onUserInput)]
    pub(super) fn on_user_input(this: &CoreService, listener: &Function) -> Disposable;
}

/// Opens the links that a program prints (OSC 8): only http(s), in a new tab that knows nothing of this page.
pub(super) fn link_handler() -> JsValue {
    let activate = Closure::<dyn FnMut(Event, String)>::new(|_event, uri: String| {
        if uri.starts_with("https://") || uri.starts_with("http://") {
            let _ = window().open_with_url_and_target_and_features(
                &uri,
                "_blank",
                "noopener,noreferrer",
            );
        }
    });
    let handler = Object::new();
    // Made once per terminal and needed as long as it; the browser frees it with the terminal.
    let _ = Reflect::set(&handler, &"activate".into(), activate.into_js_value().unchecked_ref());
    handler.into()
}
