//! The address of the page: what the link brought along.

use leptos::prelude::window;
use web_sys::Url;

/// The path.
pub fn path() -> String {
    let path = window().location().pathname().unwrap_or_default();
    js_sys::decode_uri_component(&path).map_or(path, String::from)
}

/// `https://host`.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// A parameter of the query, where the link has it.
pub fn parameter(name: &str) -> Option<String> {
    let href = window().location().href().ok()?;
    Url::new(&href).ok()?.search_params().get(name).filter(|value| !value.is_empty())
}

/// The visitor's language, like `en`.
pub fn language() -> Option<String> {
    let tag = window().navigator().language()?;
    tag.split('-').next().map(str::to_ascii_lowercase)
}

/// Loads the page anew.
pub fn reload() {
    // Fails only in a sandbox that forbids it; then nothing can be done.
    let _ = window().location().reload();
}

/// Goes to another page of the service, in this window (in a frame: in the frame).
pub fn go(path: &str) {
    let _ = window().location().set_href(path);
}

/// The websocket address of a path of the API.
pub fn socket(path: &str) -> String {
    // `http` becomes `ws` and `https` becomes `wss`.
    format!("{}{path}", origin().replacen("http", "ws", 1))
}
