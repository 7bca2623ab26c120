//! Markdown into typed blocks.
//!
//! `source → fences → events → HTML with placeholders for code → sanitize → DOM → blocks`. Code goes past the HTML
//! untouched; all else goes through the sanitiser, and what is then written into a block is written by this module
//! from the cleaned document, so that no author's bytes reach a browser as markup.

mod action;
mod blocks;
mod events;
mod fences;
mod html;
mod inlines;
mod links;
mod sanitize;
mod walk;

use scraper::Html;
use shared::tutorial::Block;

pub(crate) use html::escape;
pub(crate) use links::Links;

use crate::highlight::Highlighter;
use crate::problem::Problems;
use inlines::Place;

/// A text, read.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// What is shown.
    pub blocks: Vec<Block>,
    /// The text of its first heading.
    pub first_heading: Option<String>,
    /// The number that the next piece of code on the page gets.
    pub next_id: u32,
}

/// Reads Markdown whose first piece of code gets the number `first_id`.
pub(crate) fn read(
    source: &str,
    first_id: u32,
    links: &mut Links<'_>,
    highlighter: &mut Highlighter,
    problems: &mut Problems<'_>,
) -> Text {
    let draft = events::Draft::new(source);
    for (line, note) in draft.notes {
        problems.warn(line, note);
    }
    for (line, html) in &draft.raw {
        if let Some(tag) = sanitize::removed(html) {
            problems.warn(*line, format!("`<{tag}>` is not shown"));
        }
        if let Some(stray) = action::stray(html) {
            problems.warn(
                *line,
                format!("`{stray}` does nothing in HTML: put an empty line before the code"),
            );
        }
    }
    if sanitize::is_too_deep(&draft.html) {
        problems
            .error(None, "too many elements or quotations within each other: the text is left out");
        return Text { next_id: first_id, ..Text::default() };
    }
    let document = Html::parse_fragment(&sanitize::clean(&draft.html));
    let mut walk = walk::Walk::new(&document, draft.codes, first_id, links, highlighter);
    let blocks = walk.blocks(*document.root_element(), Place { depth: 0, buttons: true });
    for note in &walk.notes {
        problems.warn(line_of_note(source, note), note.clone());
    }
    Text { blocks, next_id: walk.next_id(), first_heading: walk.first_heading }
}

/// The first line with the word that a note begins with, between backticks.
fn line_of_note(source: &str, note: &str) -> Option<usize> {
    let word = note.strip_prefix('`')?.split('`').next().filter(|word| !word.is_empty())?;
    source.lines().position(|line| line.contains(word)).map(|line| line + 1)
}
