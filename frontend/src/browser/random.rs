//! Chance.

use leptos::prelude::window;

/// A number in 0..1, for spreading waits; not for secrets.
pub fn chance() -> f64 {
    js_sys::Math::random()
}

/// 192 random bits as 32 characters base64url, fit for an idempotency key.
pub fn key() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; 32];
    // A browser without a source of randomness has no secure sockets either; the key then only repeats an answer.
    let _ = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect()
}
