//! Colours for code, as `<span class="hl-…">` with a few classes that the page gives colours to.

mod class;
mod language;

use std::ops::Range;

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};

use crate::limits::HIGHLIGHT_BYTES;
use crate::markdown::escape;
use class::{Class, Classes};
use language::{Language, split_prompt};

/// Colours code. The syntaxes (some megabytes) are loaded when code first needs them and dropped with this: it lives
/// while tutorials are read, not while they are served.
#[derive(Debug, Default)]
pub struct Highlighter {
    syntaxes: Option<Syntaxes>,
}

#[derive(Debug)]
struct Syntaxes {
    set: SyntaxSet,
    classes: Classes,
}

impl Highlighter {
    /// The code as safe HTML, or nothing where there is nothing to colour. The lines in `marked` (from 1) are
    /// within `<span class="hl-line">`.
    pub(crate) fn highlight(
        &mut self,
        lang: Option<&str>,
        text: &str,
        marked: &[Range<usize>],
    ) -> Option<String> {
        let language = match Language::of(lang) {
            _ if text.len() > HIGHLIGHT_BYTES => return None,
            Language::Plain if marked.is_empty() => return None,
            language => language,
        };
        let lines = self
            .colour(language, text)
            .unwrap_or_else(|| text.split('\n').map(Line::plain).collect());
        let mut html = String::with_capacity(text.len() * 2);
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                html.push('\n');
            }
            if marked.iter().any(|range| range.contains(&(index + 1))) {
                html.push_str("<span class=\"hl-line\">");
                line.write(&mut html);
                html.push_str("</span>");
            } else {
                line.write(&mut html);
            }
        }
        html.contains("<span").then_some(html)
    }

    fn colour<'t>(&mut self, language: Language<'_>, text: &'t str) -> Option<Vec<Line<'t>>> {
        let name = match language {
            Language::Named(name) => name,
            Language::Session => "bash",
            Language::Plain => return None,
        };
        if self.syntaxes.is_none() {
            let classes = Classes::new().ok()?;
            self.syntaxes = Some(Syntaxes { set: two_face::syntax::extra_newlines(), classes });
        }
        let syntaxes = self.syntaxes.as_ref()?;
        let syntax = syntaxes.set.find_syntax_by_token(name)?;
        let mut colours = Colours::new(syntaxes, syntax);
        let colour = |line| match (language, split_prompt(line)) {
            (Language::Session, Some((prompt, command))) => {
                // Every command begins anew: output in between is no shell's.
                let mut colours = Colours::new(syntaxes, syntax);
                let mut coloured = Line(vec![(Some(Class::Comment), prompt)]);
                coloured.0.extend(colours.line(command)?.0);
                Some(coloured)
            }
            (Language::Session, None) => Some(Line::plain(line)),
            _ => colours.line(line),
        };
        text.split('\n').map(colour).collect()
    }
}

/// A line's pieces.
struct Line<'t>(Vec<(Option<Class>, &'t str)>);

impl<'t> Line<'t> {
    fn plain(text: &'t str) -> Self {
        Self(vec![(None, text)])
    }

    fn push(&mut self, class: Option<Class>, text: &'t str) {
        if !text.is_empty() {
            self.0.push((class, text));
        }
    }

    fn write(&self, html: &mut String) {
        let mut open = None;
        let mut blanks = String::new();
        for (class, text) in &self.0 {
            // Blanks have no colour of their own: they stand within a span only between two pieces of it.
            if text.trim().is_empty() {
                blanks.push_str(text);
                continue;
            }
            if *class != open {
                close(open, html);
            }
            html.push_str(&std::mem::take(&mut blanks));
            if let Some(class) = class.filter(|_| *class != open) {
                html.push_str("<span class=\"");
                html.push_str(class.name());
                html.push_str("\">");
            }
            open = *class;
            escape(text, html);
        }
        close(open, html);
        html.push_str(&blanks);
    }
}

fn close(open: Option<Class>, html: &mut String) {
    if open.is_some() {
        html.push_str("</span>");
    }
}

/// Reads code line by line.
struct Colours<'a> {
    syntaxes: &'a Syntaxes,
    state: ParseState,
    stack: ScopeStack,
}

impl<'a> Colours<'a> {
    fn new(syntaxes: &'a Syntaxes, syntax: &SyntaxReference) -> Self {
        Self { syntaxes, state: ParseState::new(syntax), stack: ScopeStack::new() }
    }

    /// Nothing when the syntax itself is broken.
    fn line<'t>(&mut self, line: &'t str) -> Option<Line<'t>> {
        let mut coloured = Line(Vec::new());
        let mut start = 0;
        for (at, op) in self.state.parse_line(&format!("{line}\n"), &self.syntaxes.set).ok()? {
            let at = at.min(line.len());
            coloured.push(self.syntaxes.classes.of(self.stack.as_slice()), line.get(start..at)?);
            start = at;
            self.stack.apply(&op).ok()?;
        }
        coloured.push(self.syntaxes.classes.of(self.stack.as_slice()), &line[start..]);
        Some(coloured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn highlight(lang: &str, text: &str) -> String {
        Highlighter::default().highlight(Some(lang), text, &[]).unwrap_or_default()
    }

    #[test]
    fn shell_commands_are_coloured() {
        let html = highlight(
            "bash",
            "# go\nlxc launch tiny \"$NAME\" --ephemeral && echo 'a<b' | wc -l > f",
        );
        assert!(html.starts_with("<span class=\"hl-comment\"># go</span>\n"));
        assert!(html.contains("<span class=\"hl-function\">lxc</span> launch tiny "));
        assert!(html.contains("a&lt;b"));
    }

    #[test]
    fn sessions_dim_the_prompt_and_leave_output_alone() {
        let html = highlight("console", "$ echo \"$HOME\"\n/root is \"home\" # here\n");
        assert!(
            html.starts_with(
                "<span class=\"hl-comment\">$ </span><span class=\"hl-function\">echo</span> "
            ),
            "{html}"
        );
        assert!(html.ends_with("\n/root is &quot;home&quot; # here\n"), "{html}");
    }

    #[test]
    fn other_languages() {
        for (lang, code) in [
            ("yaml", "name: web\nreplicas: 3 # three\nready: true"),
            ("json", "{\"a\": [1, \"b\", null]}"),
            ("python", "def f(x):\n    return f\"{x}\" + str(1)"),
            ("dockerfile", "FROM debian:12\nRUN apt-get update"),
            ("toml", "[server]\nport = 80"),
            ("golang", "func main() { fmt.Println(\"x\") }"),
            ("rust", "fn main() { let x = 1; }"),
            ("ini", "[a]\nb=c"),
            ("sql", "select 1 from t where a = 'b';"),
        ] {
            let html = highlight(lang, code);
            assert!(html.contains("<span class=\"hl-"), "{lang}: {html}");
        }
    }

    #[test]
    fn plain_text_and_unknown_languages_stay_plain() {
        assert_eq!(highlight("text", "echo 1"), "");
        assert_eq!(highlight("", "echo 1"), "");
        assert_eq!(highlight("no-such-language", "echo 1"), "");
        assert!(Highlighter::default().highlight(None, "x", &[]).is_none());
    }

    #[test]
    fn marked_lines_are_marked_in_any_language() {
        let html =
            Highlighter::default().highlight(None, "a\n<b>\nc\n\n", std::slice::from_ref(&(2..3)));
        assert_eq!(html.unwrap(), "a\n<span class=\"hl-line\">&lt;b&gt;</span>\nc\n\n");
    }
}
