//! Keys that a phone's keyboard lacks, and keys that a tutorial names.

/// A key of the key row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// An arrow.
    Left,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Right,
    /// A character that is far away on a phone.
    Char(char),
}

impl Key {
    /// What the key types. Programs like editors ask for `application` cursor keys.
    pub fn text(self, application: bool) -> String {
        let arrow = |letter: char| {
            let lead = if application { "\x1bO" } else { "\x1b[" };
            format!("{lead}{letter}")
        };
        match self {
            Key::Esc => "\x1b".into(),
            Key::Tab => "\t".into(),
            Key::Up => arrow('A'),
            Key::Down => arrow('B'),
            Key::Right => arrow('C'),
            Key::Left => arrow('D'),
            Key::Char(character) => character.into(),
        }
    }
}

/// Modifiers of the key row that wait for the next key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sticky {
    /// Ctrl is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
}

impl Sticky {
    /// Applies the modifiers to what was typed and lets go of them. Only one character is modified, as on a
    /// keyboard; longer text passes as it is.
    pub fn apply(&mut self, typed: String) -> String {
        let held = std::mem::take(self);
        let mut characters = typed.chars();
        let (Some(character), None) = (characters.next(), characters.next()) else { return typed };
        let character = if held.ctrl { control(character).unwrap_or(character) } else { character };
        if held.alt { format!("\x1b{character}") } else { character.into() }
    }
}

/// The control character of a key: `c` → 0x03.
fn control(character: char) -> Option<char> {
    match character.to_ascii_uppercase() {
        upper @ '@'..='_' => Some(char::from(upper as u8 & 0x1f)),
        ' ' => Some('\0'),
        '?' => Some('\x7f'),
        _ => None,
    }
}

/// The bytes of keys that a tutorial names: `^C`, `^ESC`, `^L`; anything else stands for itself.
pub fn named(text: &str) -> String {
    const NAMES: &[(&str, &str)] =
        &[("ESC", "\x1b"), ("ENTER", "\r"), ("TAB", "\t"), ("UP", "\x1b[A"), ("DOWN", "\x1b[B")];
    let mut keys = String::new();
    let mut rest = text.trim();
    while let Some((before, after)) = rest.split_once('^') {
        keys.push_str(before.trim());
        let word = after.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if let Some((name, key)) = NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)) {
            keys.push_str(key);
            rest = &after[name.len()..];
        } else if let Some(character) = after.chars().next().filter(|c| control(*c).is_some()) {
            keys.extend(control(character));
            rest = &after[character.len_utf8()..];
        } else {
            keys.push('^');
            rest = after;
        }
    }
    keys.push_str(rest.trim());
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_keys_become_their_bytes() {
        assert_eq!(named("^C"), "\x03");
        assert_eq!(named("^ESC"), "\x1b");
        assert_eq!(named("^ESC :wq ^ENTER"), "\x1b:wq\r");
        assert_eq!(named("^x^c"), "\x18\x03");
        assert_eq!(named("q"), "q");
        assert_eq!(named("^é"), "^é");
    }

    #[test]
    fn a_sticky_modifier_acts_on_one_key() {
        let mut sticky = Sticky { ctrl: true, alt: false };
        assert_eq!(sticky.apply("c".into()), "\x03");
        assert_eq!(sticky, Sticky::default());
        assert_eq!(sticky.apply("c".into()), "c");
        let mut sticky = Sticky { ctrl: false, alt: true };
        assert_eq!(sticky.apply("b".into()), "\x1bb");
    }

    #[test]
    fn pasted_text_is_not_modified() {
        let mut sticky = Sticky { ctrl: true, alt: true };
        assert_eq!(sticky.apply("ls -l".into()), "ls -l");
    }

    #[test]
    fn arrows_follow_the_mode() {
        assert_eq!(Key::Up.text(false), "\x1b[A");
        assert_eq!(Key::Up.text(true), "\x1bOA");
        assert_eq!(Key::Char('|').text(true), "|");
    }
}
