//! A deserialiser's complaint, in the words of someone who writes TOML and knows no Rust.

use super::error::Mistake;

/// Turns the complaint about the value at `path` into a mistake.
pub(super) fn mistake(path: &str, complaint: &str) -> Mistake {
    if let Some(rest) = complaint.strip_prefix("unknown field `") {
        let expected = rest.split_once("`, ").map_or("", |(_, expected)| expected);
        return Mistake::new(path, format!("unknown key, {expected}"));
    }
    if let Some(field) = complaint.strip_prefix("missing field `") {
        let field = field.trim_end_matches('`');
        let key = if path == "." { field.to_owned() } else { format!("{path}.{field}") };
        return Mistake::new(key, "missing");
    }
    let found = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|kind| complaint.strip_prefix(kind));
    let message = match found.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((found, expected)) => format!("expected {}, found {}", thing(expected), value(found)),
        None => complaint.to_owned(),
    };
    Mistake::new(if path == "." { "" } else { path }, message)
}

/// What Rust calls it → what it is in the file.
fn thing(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "a boolean" => "true or false",
        "a string" | "path string" => "a text in quotes",
        "a sequence" => "a list in square brackets",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

/// ``integer `3` `` → `3`, `string "x"` → `"x"`; `sequence` and `map` stay words.
fn value(found: &str) -> String {
    match found.split_once(' ') {
        Some((_, value)) if value.starts_with(['`', '"']) => value.trim_matches('`').to_owned(),
        _ => match found {
            "map" => "a table".to_owned(),
            "sequence" => "a list".to_owned(),
            other => other.to_owned(),
        },
    }
}
