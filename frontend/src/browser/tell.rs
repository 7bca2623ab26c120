//! Tells a visitor who looks elsewhere that something has happened: a short sound, a notification.

use js_sys::Reflect;
use leptos::prelude::window;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, Notification, NotificationPermission};

/// Whether the page may notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// This browser has no notifications for pages.
    Never,
    /// The visitor was not asked yet.
    Unasked,
    /// Yes.
    Allowed,
    /// The visitor said no, or the browser did for them.
    Refused,
}

/// Whether the page may notify, as it stands.
pub fn may_notify() -> Notify {
    if !Reflect::has(&window(), &JsValue::from_str("Notification")).unwrap_or(false) {
        return Notify::Never;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Notify::Allowed,
        NotificationPermission::Denied => Notify::Refused,
        _ => Notify::Unasked,
    }
}

/// Lets the browser ask the visitor. Only ever after a click on a button that says so.
pub async fn ask_to_notify() -> Notify {
    if let Ok(asked) = Notification::request_permission() {
        let _ = JsFuture::from(asked).await;
    }
    may_notify()
}

/// Notifies, where that is allowed. A click on it brings the tab to the front.
pub fn notify(title: &str) {
    // Some browsers allow it and have it only for installed pages: then the title and the sound have to do.
    if may_notify() == Notify::Allowed
        && let Ok(notification) = Notification::new(title)
    {
        let seen = Closure::once_into_js(|| drop(window().focus()));
        notification.set_onclick(Some(seen.unchecked_ref()));
    }
}

/// Two short notes. Browsers let a page sound only after its visitor has clicked or typed in it; before that this is
/// silent.
pub fn chime() {
    let _ = sound();
}

fn sound() -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    let (volume, tone) = (context.create_gain()?, context.create_oscillator()?);
    let now = context.current_time();
    volume.gain().set_value_at_time(0.16, now)?;
    volume.gain().exponential_ramp_to_value_at_time(0.001, now + 0.6)?;
    tone.frequency().set_value_at_time(660.0, now)?;
    tone.frequency().set_value_at_time(880.0, now + 0.15)?;
    tone.connect_with_audio_node(&volume)?.connect_with_audio_node(&context.destination())?;
    tone.start()?;
    tone.stop_with_when(now + 0.6)
}
