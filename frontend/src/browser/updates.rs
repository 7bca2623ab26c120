//! The session's changes, as the service streams them.

use gloo_net::http::Method;
use js_sys::{Reflect, Uint8Array};
use shared::session::SessionView;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader};

use super::api::{self, Answer, Failure, Key};
use super::time::Timer;
use crate::logic::stream::EventReader;

/// The first view comes at once; where it does not, something on the way holds streams back.
const FIRST_MS: u32 = 5_000;
/// A comment comes every 15 s; where none does, the stream is dead.
const SILENCE_MS: u32 = 40_000;

/// Reads the stream until it ends, and gives each view to `seen`, which answers whether to go on.
///
/// # Errors
///
/// A refusal of the service; a stream that was cut is none: it ends.
pub async fn follow(key: &Key, seen: impl Fn(SessionView) -> bool) -> Answer<()> {
    let Ok(abort) = AbortController::new() else { return Err(Failure::Offline) };
    let _on_exit = Abort(abort.clone());
    let watch = |milliseconds| {
        let abort = abort.clone();
        Timer::after(milliseconds, move || abort.abort())
    };
    let mut _watch = watch(FIRST_MS);
    let path = format!("/sessions/{}/updates", key.id);
    let request = api::request(Method::GET, &path, Some(key), &abort.signal());
    let response = request.send().await.map_err(|_| Failure::Offline)?;
    if !response.ok() {
        return api::read(response).await.map(drop);
    }
    let Some(body) = response.body() else { return Err(Failure::Offline) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut events = EventReader::default();
    while let Some(piece) = next(&reader).await {
        _watch = watch(SILENCE_MS);
        for message in events.push(&piece) {
            let view = api::view(&message)?;
            if !seen(view) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The next piece of a body; `None` at its end, or when it was cut.
async fn next(reader: &ReadableStreamDefaultReader) -> Option<Vec<u8>> {
    let read = JsFuture::from(reader.read()).await.ok()?;
    let value = Reflect::get(&read, &JsValue::from_str("value")).ok()?;
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

/// Ends the request when the reader goes, whichever way.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}
