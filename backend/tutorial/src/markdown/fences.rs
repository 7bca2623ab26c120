//! The pass before the Markdown parser: makes fences that authors close with an action fit for CommonMark.
//!
//! To CommonMark ```` ```{{exec}} ```` closes nothing, so the block would run to the end of the file. This pass
//! follows the fences, moves what stands behind a closing one into the info string of its opening one (where the
//! parser hands it on), and gives every line of a fence inside a list the indentation that keeps it there.

use super::action::Annotations;

/// The rewritten Markdown.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// What the parser gets.
    pub text: String,
    /// For each line of `text` its line in the file, from 1.
    lines: Vec<usize>,
    /// Where `text`'s lines begin.
    starts: Vec<usize>,
    /// What the author should put right: the line in the file, and words.
    pub notes: Vec<(usize, String)>,
}

impl Prepared {
    /// Follows the fences of a file. Its line ends may be `\r\n`.
    pub(crate) fn new(source: &str) -> Self {
        let mut pass = Pass::default();
        for (index, line) in source.lines().enumerate() {
            pass.line(index + 1, line);
        }
        pass.finish()
    }

    /// The line in the file of a byte of `text`.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        let index = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        self.lines.get(index).copied().unwrap_or(1)
    }
}

/// An open fence.
#[derive(Debug)]
struct Fence {
    /// The backtick or tilde.
    mark: char,
    /// How many of them opened it.
    length: usize,
    /// What stands before them: blanks, list markers, quotation marks.
    prefix: String,
    /// Which of the rewritten lines opened it.
    opened: usize,
}

#[derive(Default)]
struct Pass {
    out: Vec<String>,
    lines: Vec<usize>,
    notes: Vec<(usize, String)>,
    fence: Option<Fence>,
}

impl Pass {
    fn line(&mut self, number: usize, line: &str) {
        match self.fence.take() {
            None => {
                self.fence = opening(line, self.out.len());
                self.push(number, line.to_owned());
            }
            Some(fence) => match closing(line, &fence) {
                Some(rest) => self.close(number, &fence, rest),
                None => {
                    self.push(number, inside(line, &fence.prefix));
                    self.fence = Some(fence);
                }
            },
        }
    }

    fn close(&mut self, number: usize, fence: &Fence, rest: &str) {
        let prefix = inner_prefix(&fence.prefix);
        let mark = fence.mark.to_string().repeat(fence.length);
        self.push(number, format!("{prefix}{mark}"));
        let annotation = rest.trim_start();
        if annotation.is_empty() {
            return;
        }
        if annotation.len() < rest.len() {
            self.notes.push((
                number,
                "no blank may stand between a closing fence and its action".to_owned(),
            ));
        }
        let read = Annotations::read(annotation);
        let (taken, mut after) = annotation.split_at(read.len);
        self.notes.extend(read.notes.into_iter().map(|note| (number, note)));
        if taken.is_empty() {
            let (unknown, rest) =
                annotation.split_at(annotation.find("}}").map_or(annotation.len(), |at| at + 2));
            self.notes.push((number, format!("`{unknown}` behind a closing fence is no action")));
            after = rest;
        }
        self.out[fence.opened].push(' ');
        self.out[fence.opened].push_str(taken);
        if !after.trim().is_empty() {
            self.push(number, prefix.clone());
            self.push(number, format!("{prefix}{}", after.trim()));
        }
    }

    fn push(&mut self, number: usize, line: String) {
        self.lines.push(number);
        self.out.push(line);
    }

    fn finish(mut self) -> Prepared {
        if let Some(fence) = self.fence {
            self.notes
                .push((self.lines[fence.opened], "this code block is never closed".to_owned()));
        }
        let mut prepared = Prepared { lines: self.lines, notes: self.notes, ..Prepared::default() };
        for line in &self.out {
            prepared.starts.push(prepared.text.len());
            prepared.text.push_str(line);
            prepared.text.push('\n');
        }
        prepared
    }
}

/// Splits blanks, list markers and quotation marks off the front of a line.
fn split_prefix(line: &str) -> (&str, &str) {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t', '>']);
        let digits = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
        let marker = match trimmed.len() - digits.len() {
            0 => trimmed.strip_prefix(['-', '*', '+']),
            1..=9 => digits.strip_prefix(['.', ')']),
            _ => None,
        };
        match marker.filter(|after| after.starts_with([' ', '\t'])) {
            Some(after) => rest = after,
            None => return line.split_at(line.len() - trimmed.len()),
        }
    }
}

fn opening(line: &str, opened: usize) -> Option<Fence> {
    let (prefix, rest) = split_prefix(line);
    let mark = rest.chars().next().filter(|c| "`~".contains(*c))?;
    let info = rest.trim_start_matches(mark);
    let length = rest.len() - info.len();
    // With a backtick in the rest this is code within a line.
    let is_fence = length >= 3 && !(mark == '`' && info.contains('`'));
    is_fence.then(|| Fence { mark, length, prefix: prefix.to_owned(), opened })
}

/// What follows the closing fence, if the line is one.
fn closing<'a>(line: &'a str, fence: &Fence) -> Option<&'a str> {
    let quoted: &[char] = if fence.prefix.contains('>') { &[' ', '\t', '>'] } else { &[' ', '\t'] };
    let marks = line.trim_start_matches(quoted);
    let rest = marks.trim_start_matches(fence.mark);
    let is_long_enough = marks.len() - rest.len() >= fence.length;
    // As in CommonMark: deeper ones are code that shows a fence.
    let is_in_place = columns(&line[..line.len() - marks.len()]) < columns(&fence.prefix) + 4;
    let ends = rest.trim_start();
    (is_long_enough && is_in_place && (ends.is_empty() || ends.starts_with("{{"))).then_some(rest)
}

/// A line of code in a fence: one that is indented less than the fence would end the list that the fence is in.
/// CommonMark takes the fence's indentation off each line, so that the code itself stays as it is.
fn inside(line: &str, prefix: &str) -> String {
    let code = line.trim_start_matches([' ', '\t']);
    let width = columns(prefix);
    if prefix.contains('>') || code.is_empty() || columns(&line[..line.len() - code.len()]) >= width
    {
        line.to_owned()
    } else {
        format!("{}{code}", " ".repeat(width))
    }
}

/// The prefix of the lines after the opening one: list markers become blanks, quotation marks stay.
fn inner_prefix(prefix: &str) -> String {
    prefix.chars().map(|c| if "\t>".contains(c) { c } else { ' ' }).collect()
}

/// How wide a prefix is; a tab ends at the next multiple of four.
fn columns(prefix: &str) -> usize {
    prefix.chars().fold(0, |column, c| if c == '\t' { column / 4 * 4 + 4 } else { column + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepare(source: &str) -> String {
        Prepared::new(source).text
    }

    #[test]
    fn an_action_moves_from_the_closing_to_the_opening_fence() {
        assert_eq!(
            prepare("```bash\nls\n```{{exec}}\n\ntext\n"),
            "```bash {{exec}}\nls\n```\n\ntext\n"
        );
        assert_eq!(prepare("```\nls\n```{{ execute T1 }}\n"), "``` {{ execute T1 }}\nls\n```\n");
        assert_eq!(prepare("~~~\nls\n~~~{{copy}}\n"), "~~~ {{copy}}\nls\n~~~\n");
        assert_eq!(
            prepare("````\n```{{exec}}\n````{{exec}}\n"),
            "```` {{exec}}\n```{{exec}}\n````\n"
        );
    }

    #[test]
    fn crlf_files_are_read_like_others() {
        assert_eq!(prepare("```\r\nls\r\n```{{exec}}\r\n"), "``` {{exec}}\nls\n```\n");
    }

    #[test]
    fn text_behind_the_action_becomes_a_paragraph_of_its_own() {
        let prepared = Prepared::new("```\nls\n```{{exec}} then look\nmore");
        assert_eq!(prepared.text, "``` {{exec}}\nls\n```\n\nthen look\nmore\n");
        assert_eq!(prepared.line_at(prepared.text.find("then").unwrap()), 3);
        assert_eq!(prepared.line_at(prepared.text.find("more").unwrap()), 4);
        assert_eq!(
            prepare("```\nls\n```{{exec}}|skip{{sandbox}}"),
            "``` {{exec}}|skip{{sandbox}}\nls\n```\n"
        );
    }

    #[test]
    fn a_template_in_code_closes_nothing() {
        let helm = "```yaml\n{{- if .Values.x }}\nname: {{ .Values.x }}\n```\n";
        assert_eq!(prepare(helm), helm);
    }

    #[test]
    fn unknown_words_still_close_the_fence() {
        let prepared = Prepared::new("```\nls\n```{{run-me}}\ntext");
        assert_eq!(prepared.text, "``` \nls\n```\ntext\n");
        assert_eq!(
            prepared.notes,
            [(3, "`{{run-me}}` behind a closing fence is no action".to_owned())]
        );
    }

    #[test]
    fn fences_in_lists_stay_in_their_item() {
        assert_eq!(
            prepare("1. Do:\n   ```bash\nls\n  pwd\n```{{exec}}\n2. Then"),
            "1. Do:\n   ```bash {{exec}}\n   ls\n   pwd\n   ```\n2. Then\n"
        );
        assert_eq!(prepare("- ```\n  ls\n  ```{{exec}}"), "- ``` {{exec}}\n  ls\n  ```\n");
        assert_eq!(prepare("> ```\n> ls\n> ```{{exec}}"), "> ``` {{exec}}\n> ls\n> ```\n");
    }

    #[test]
    fn code_that_shows_a_fence_closes_nothing() {
        for code in ["    ```{{exec}}", "> ```", "``", "```bash"] {
            let source = format!("```\n{code}\n```\n");
            assert_eq!(prepare(&source), source, "{code:?}");
        }
    }

    #[test]
    fn code_within_a_line_opens_no_fence() {
        let line = "```ls -la```{{exec}} and ```pwd```\n";
        assert_eq!(prepare(line), line);
    }

    #[test]
    fn an_open_fence_is_named() {
        assert_eq!(
            Prepared::new("a\n```\nls").notes,
            [(2, "this code block is never closed".to_owned())]
        );
    }
}
