//! Text from outside: bounded, and without characters that a reader can't see.

use super::{Error, Result};

/// Text that may be absent, without [hidden](is_hidden) characters: an empty one counts as absent, one over `max`
/// characters is refused, naming `field`.
pub fn optional(text: Option<String>, field: &'static str, max: usize) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let text: String = text.replace("\r\n", "\n").chars().filter(|c| !is_hidden(*c)).collect();
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Error::invalid(field, format!("`{field}` is longer than {max} characters.")));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Whether a character shows as nothing and changes how others show: control characters but tabs and line ends, and those
/// that turn the direction of writing (Unicode's `Bidi_Control`), by which a text can look like another one.
pub fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && !matches!(c, '\t' | '\n')
}

/// The last line of a script's output that says something: control characters removed, at most 1 KiB.
pub fn last_line(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().map(printable).rfind(|line| !line.is_empty())?;
    Some(line)
}

/// One line without escape sequences and control characters, at most 1 KiB.
pub fn printable(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.peek() == Some(&'[') {
            // A control sequence ends with a letter; colours are the usual ones.
            while rest.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
        } else if !c.is_control() && kept.len() + c.len_utf8() <= 1024 {
            kept.push(c);
        }
    }
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_says_something_counts() {
        assert_eq!(last_line(b"one\ntwo\r\n\n  \n").as_deref(), Some("two"));
        assert_eq!(last_line(b"\n\n"), None);
        assert_eq!(last_line(b"\x1b[31mred\x1b[0m\x07\n").as_deref(), Some("red"));
        assert_eq!(last_line(&[b'x'; 9000]).map(|line| line.len()), Some(1024));
    }

    #[test]
    fn an_empty_text_is_absent() {
        assert_eq!(optional(Some("  ".into()), "lang", 5).unwrap(), None);
        assert_eq!(optional(Some("de".into()), "lang", 5).unwrap().as_deref(), Some("de"));
        assert!(optional(Some("deutsch".into()), "lang", 5).is_err());
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        let kept = |text: &str| optional(Some(text.to_owned()), "message", 20).unwrap();
        assert_eq!(kept("a\0b\u{202e}c\u{2066}d\u{7f}\u{9b}").as_deref(), Some("abcd"));
        assert_eq!(kept("one\r\n\ttwo\n").as_deref(), Some("one\n\ttwo"));
        assert_eq!(kept("שלום é \u{1f44b}\u{200d}").as_deref(), Some("שלום é \u{1f44b}\u{200d}"));
        assert_eq!(kept("\0\u{200f}"), None);
    }
}
