//! Writes HTML: escaped text and the few attributes that are kept.

use std::fmt::Write;

/// Adds `text` so that no part of it is markup, in an element or in a quoted attribute.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// Adds ` name="value"`.
pub(crate) fn attribute(name: &str, value: &str, out: &mut String) {
    // Writing to a string can't fail.
    let _ = write!(out, " {name}=\"");
    escape(value, out);
    out.push('"');
}

/// Elements without an end tag.
pub(crate) fn is_void(tag: &str) -> bool {
    matches!(tag, "br" | "hr" | "img")
}
