//! What a click on a command types.

use shared::tutorial::{Code, Exec};

use super::keys;

/// What to send to the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Whether Ctrl-C comes first.
    pub interrupt: bool,
    /// The text, as a keyboard would send it.
    pub text: String,
}

/// What a click on `code` types. `bracketed` says whether the program in the terminal takes a paste as one piece
/// (`ESC [ ? 2004 h`): then several lines run as one command, and none of them is eaten by the one before.
pub fn typed(code: &Code, exec: Exec, bracketed: bool) -> Typed {
    let text = if exec.keys {
        keys::named(&code.text)
    } else {
        let command =
            code.text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").replace('\n', "\r");
        if bracketed && command.contains('\r') { bracket(&command) } else { command }
    };
    let enter = if exec.newline && !exec.keys { "\r" } else { "" };
    Typed { interrupt: exec.interrupt, text: text + enter }
}

/// Marks text as pasted. An end mark inside would let the rest act as if it were typed.
pub fn bracket(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", text.replace('\x1b', "\u{241b}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code { id: 0, text: text.into(), html: None, lang: None, copy: true, exec: None }
    }

    const RUN: Exec = Exec { terminal: 1, interrupt: false, newline: true, keys: false };

    #[test]
    fn one_line_is_typed_and_entered() {
        assert_eq!(typed(&code("ls -l\n"), RUN, true).text, "ls -l\r");
        assert_eq!(typed(&code("ls"), Exec { newline: false, ..RUN }, true).text, "ls");
    }

    #[test]
    fn several_lines_are_one_paste_where_the_shell_takes_one() {
        assert_eq!(
            typed(&code("cat <<E\r\na\r\nE"), RUN, true).text,
            "\x1b[200~cat <<E\ra\rE\x1b[201~\r"
        );
        assert_eq!(typed(&code("a\nb"), RUN, false).text, "a\rb\r");
    }

    #[test]
    fn a_paste_cannot_end_itself() {
        assert!(!bracket("a\x1b[201~rm").contains("\x1b[201~rm"));
    }

    #[test]
    fn keys_are_pressed_without_enter() {
        let exec = Exec { keys: true, interrupt: true, ..RUN };
        assert_eq!(typed(&code("^C"), exec, true), Typed { interrupt: true, text: "\x03".into() });
    }
}
