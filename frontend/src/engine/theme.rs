//! The terminal's colours, from the tokens of the style sheet.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use xterm_js_rs::Theme;

use crate::browser::page;

/// The keys of xterm.js and the tokens that they take.
const COLOURS: &[(&str, &str)] = &[
    ("background", "--term"),
    ("foreground", "--term-ink"),
    ("cursor", "--term-ink"),
    ("cursorAccent", "--term"),
    ("selectionBackground", "--term-selection"),
    ("black", "--ansi-black"),
    ("red", "--ansi-red"),
    ("green", "--ansi-green"),
    ("yellow", "--ansi-yellow"),
    ("blue", "--ansi-blue"),
    ("magenta", "--ansi-magenta"),
    ("cyan", "--ansi-cyan"),
    ("white", "--ansi-white"),
    ("brightBlack", "--ansi-bright-black"),
    ("brightRed", "--ansi-bright-red"),
    ("brightGreen", "--ansi-bright-green"),
    ("brightYellow", "--ansi-bright-yellow"),
    ("brightBlue", "--ansi-bright-blue"),
    ("brightMagenta", "--ansi-bright-magenta"),
    ("brightCyan", "--ansi-bright-cyan"),
    ("brightWhite", "--ansi-bright-white"),
];

/// The theme that the tokens give now.
pub(super) fn from_tokens() -> JsValue {
    let theme = JsValue::from(Theme::new());
    for (key, token) in COLOURS {
        let _ = Reflect::set(&theme, &(*key).into(), &page::token(token).into());
    }
    theme
}
