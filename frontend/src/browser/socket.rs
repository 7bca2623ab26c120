//! A terminal's websocket. Binary frames stay in the browser's memory: they go on to the terminal uncopied.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use leptos::logging::warn;
use shared::terminal::{BEARER_PREFIX, PROTOCOL};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// What came from the service.
#[derive(Debug)]
pub enum Incoming {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Bytes(Uint8Array),
    /// The socket closed, with its number; nothing comes after.
    Closed(u16),
}

/// An open socket; it closes when dropped, and then reports nothing more.
pub struct Socket {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens a socket with the session's token. `None` where the browser refuses the address.
    pub fn open(url: &str, token: &str, on: impl Fn(Incoming) + Clone + 'static) -> Option<Self> {
        let protocols = Array::of2(&PROTOCOL.into(), &format!("{BEARER_PREFIX}{token}").into());
        let socket = WebSocket::new_with_str_sequence(url, &protocols).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let received = on.clone();
        let on_message = Closure::<dyn FnMut(_)>::new(move |message: MessageEvent| {
            match message.data().dyn_into::<ArrayBuffer>() {
                Ok(buffer) => received(Incoming::Bytes(Uint8Array::new(&buffer))),
                Err(text) => received(Incoming::Text(text.as_string().unwrap_or_default())),
            }
        });
        let on_close = Closure::<dyn FnMut(_)>::new(move |close: CloseEvent| {
            on(Incoming::Closed(close.code()))
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Socket { socket, _on_message: on_message, _on_close: on_close })
    }

    /// Sends a text frame. A socket that is closing takes none, and says by its close what follows.
    pub fn send_text(&self, text: &str) {
        if self.is_open() && self.socket.send_with_str(text).is_err() {
            warn!("a text frame was not sent: the socket is not open");
        }
    }

    /// Sends a binary frame, as [`Socket::send_text`] does.
    pub fn send_bytes(&self, bytes: &[u8]) {
        if self.is_open() && self.socket.send_with_u8_array(bytes).is_err() {
            warn!("a binary frame was not sent: the socket is not open");
        }
    }

    fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
