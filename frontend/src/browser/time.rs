//! Clocks and timers.

use std::rc::Rc;

use js_sys::Promise;
use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::window;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;

/// Milliseconds on a clock that never jumps.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Milliseconds since 1970 on the browser's clock: only to compare its own marks with each other.
pub fn wall_clock() -> u64 {
    js_sys::Date::now() as u64
}

/// Milliseconds between two times as the service writes them; `None` where one can't be read.
pub fn between(from: &str, to: &str) -> Option<f64> {
    let span = js_sys::Date::parse(to) - js_sys::Date::parse(from);
    span.is_finite().then_some(span)
}

/// The hour and minute of a time that the service wrote, as this browser's user writes them.
pub fn hour(time: &str) -> String {
    let date = js_sys::Date::new(&time.into());
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// Waits.
pub async fn sleep(milliseconds: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        // Cannot fail: the callback is a function and the window is there.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(
            &resolve,
            milliseconds.cast_signed(),
        );
    });
    let _ = JsFuture::from(promise).await;
}

/// A call that is made later, unless this is dropped before.
#[derive(Debug)]
pub struct Timer(Option<TimeoutHandle>);

impl Timer {
    /// Calls `then` after so many milliseconds.
    pub fn after(milliseconds: u32, then: impl FnOnce() + 'static) -> Self {
        let wait = Duration::from_millis(milliseconds.into());
        Timer(set_timeout_with_handle(then, wait).ok())
    }

    /// The same, with what is called shared instead of moved.
    pub fn calling<T: 'static>(milliseconds: u32, on: &Rc<T>, then: fn(&Rc<T>)) -> Self {
        let on = Rc::downgrade(on);
        Self::after(milliseconds, move || {
            if let Some(on) = on.upgrade() {
                then(&on);
            }
        })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.clear();
        }
    }
}
