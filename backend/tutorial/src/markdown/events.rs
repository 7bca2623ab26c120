//! Markdown to HTML, with every piece of code taken out and a numbered placeholder in its place.
//!
//! Code never passes through HTML: it reaches the browser byte for byte, whatever the sanitiser does. A placeholder
//! is `<pre data-code="N">` for a block and `<code data-code="N">` within a line.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::action::{self, Action, Annotations};
use super::fences::Prepared;

/// A piece of code on its way past the HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeDraft {
    /// The code.
    pub text: String,
    /// The language of its fence.
    pub lang: Option<String>,
    /// The lines that its author wants seen, from 1.
    pub marked: Vec<Range<usize>>,
    /// What can be done with it.
    pub action: Action,
    /// Whether it is a block, not a part of a line.
    pub is_block: bool,
}

impl CodeDraft {
    /// A block that says nothing about itself.
    pub(crate) fn plain(text: String) -> Self {
        Self { text, lang: None, marked: Vec::new(), action: Action::PLAIN, is_block: true }
    }
}

/// What a Markdown file becomes before it is sanitised.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Unsafe HTML.
    pub html: String,
    /// What the placeholders stand for.
    pub codes: Vec<CodeDraft>,
    /// The author's own HTML, with its line, for lint.
    pub raw: Vec<(usize, String)>,
    /// What the author should put right: the line, and words.
    pub notes: Vec<(usize, String)>,
}

impl Draft {
    /// Reads Markdown.
    pub(crate) fn new(source: &str) -> Self {
        let prepared = Prepared::new(source);
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let events = Parser::new_ext(&prepared.text, options).into_offset_iter();
        let mut walk =
            Walk { prepared: &prepared, draft: Self::default(), block: None, skip_to: 0 };
        let events: Vec<Event<'_>> =
            events.filter_map(|(event, range)| walk.event(event, range)).collect();
        let mut draft = walk.draft;
        pulldown_cmark::html::push_html(&mut draft.html, events.into_iter());
        draft.notes.extend(prepared.notes);
        draft.notes.sort();
        draft
    }
}

struct Walk<'a> {
    prepared: &'a Prepared,
    draft: Draft,
    /// The block of code that is being read.
    block: Option<CodeDraft>,
    /// Text up to here was an annotation.
    skip_to: usize,
}

impl<'a> Walk<'a> {
    fn event(&mut self, event: Event<'a>, range: Range<usize>) -> Option<Event<'a>> {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                self.block = Some(block(&kind));
                None
            }
            Event::Text(text) if self.block.is_some() => {
                self.block.as_mut()?.text.push_str(&text);
                None
            }
            Event::End(TagEnd::CodeBlock) => {
                let mut code = self.block.take()?;
                // The line end before the closing fence belongs to the fence.
                if code.text.ends_with('\n') {
                    code.text.pop();
                }
                Some(Event::Html(format!("<pre data-code=\"{}\"></pre>\n", self.keep(code)).into()))
            }
            Event::Code(text) => {
                let annotations = Annotations::read(&self.prepared.text[range.end..]);
                self.skip_to = range.end + annotations.len;
                self.note(range.end, annotations.notes);
                let action = annotations.action.unwrap_or(Action::PLAIN);
                let code =
                    CodeDraft { action, is_block: false, ..CodeDraft::plain(text.into_string()) };
                Some(Event::InlineHtml(
                    format!("<code data-code=\"{}\"></code>", self.keep(code)).into(),
                ))
            }
            Event::Text(text) => {
                let text = match self.skip_to.saturating_sub(range.start) {
                    0 => text,
                    hidden if hidden >= range.len() => return None,
                    // A text of another length than its source has escapes; annotations have none.
                    hidden => text.get(hidden..).map(ToOwned::to_owned)?.into(),
                };
                if let Some(stray) = action::stray(&text) {
                    self.note(
                        range.start,
                        [format!("`{stray}` does nothing: it must follow a backtick directly")],
                    );
                }
                Some(Event::Text(text))
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                self.draft.raw.push((self.prepared.line_at(range.start), html.to_string()));
                Some(Event::InlineHtml(html))
            }
            other => Some(other),
        }
    }

    fn keep(&mut self, code: CodeDraft) -> usize {
        self.draft.codes.push(code);
        self.draft.codes.len() - 1
    }

    fn note(&mut self, offset: usize, notes: impl IntoIterator<Item = String>) {
        let line = self.prepared.line_at(offset);
        self.draft.notes.extend(notes.into_iter().map(|note| (line, note)));
    }
}

/// A block of code without its text; the info string has the language, the lines to mark, and the annotations that
/// stood behind the closing fence.
fn block(kind: &CodeBlockKind<'_>) -> CodeDraft {
    let info = match kind {
        CodeBlockKind::Fenced(info) => info.as_ref(),
        CodeBlockKind::Indented => "",
    };
    let (language, annotations) = info.split_at(info.find("{{").unwrap_or(info.len()));
    let (language, marked) = language.split_at(language.find('{').unwrap_or(language.len()));
    CodeDraft {
        lang: language
            .split([' ', '\t', ','])
            .next()
            .filter(|lang| !lang.is_empty())
            .map(str::to_lowercase),
        marked: line_ranges(marked),
        action: Annotations::read(annotations).action.unwrap_or(Action::PLAIN),
        ..CodeDraft::plain(String::new())
    }
}

/// The ranges in `{2,5-7}`, from 1, ends excluded.
fn line_ranges(text: &str) -> Vec<Range<usize>> {
    let inner = text.trim().trim_start_matches('{').split('}').next().unwrap_or_default();
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..last.trim().parse::<usize>().ok()?.checked_add(1)?)
    };
    inner.split(',').filter_map(range).collect()
}
