//! The walk through a sanitised document: numbers its code, collects its headings and what its author should know.

use std::collections::BTreeSet;

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{Html, Node};
use shared::tutorial::Code;

use super::events::CodeDraft;
use super::links::Links;
use crate::highlight::Highlighter;

/// A walk through one document.
pub(crate) struct Walk<'a, 'l> {
    /// Code that hasn't been placed yet. Each is placed once, whatever an author's HTML says.
    codes: Vec<Option<CodeDraft>>,
    /// Decides about links and images.
    pub links: &'a mut Links<'l>,
    highlighter: &'a mut Highlighter,
    next_id: u32,
    /// Names of the headings that a link of the same page can lead to.
    headings: BTreeSet<String>,
    /// Names that links of the page lead to.
    wanted: BTreeSet<String>,
    /// The text of the first heading.
    pub first_heading: Option<String>,
    /// What the author should put right.
    pub notes: Vec<String>,
}

impl<'a, 'l> Walk<'a, 'l> {
    pub(crate) fn new(
        document: &Html,
        codes: Vec<CodeDraft>,
        next_id: u32,
        links: &'a mut Links<'l>,
        highlighter: &'a mut Highlighter,
    ) -> Self {
        let mut walk = Self {
            codes: codes.into_iter().map(Some).collect(),
            links,
            highlighter,
            next_id,
            headings: BTreeSet::new(),
            wanted: BTreeSet::new(),
            first_heading: None,
            notes: Vec::new(),
        };
        for node in document.root_element().descendants() {
            let Node::Element(element) = node.value() else { continue };
            if heading_level(element).is_some() {
                let text = walk.text(node);
                walk.headings.insert(heading_name(&text));
                walk.first_heading.get_or_insert(text);
            } else if let Some(target) =
                element.attr("href").and_then(|href| href.strip_prefix('#'))
            {
                walk.wanted.insert(target.to_lowercase());
            }
        }
        walk
    }

    /// Takes a piece of code to place it.
    pub(crate) fn take(&mut self, number: usize) -> Option<CodeDraft> {
        self.codes.get_mut(number)?.take()
    }

    /// Numbers a piece of code and colours it.
    pub(crate) fn code(&mut self, draft: CodeDraft) -> Code {
        let CodeDraft { text, lang, marked, action, is_block, .. } = draft;
        // A command that says nothing of its language is for the shell.
        let language = lang.as_deref().or(action.exec.map(|_| "bash"));
        let html =
            if is_block { self.highlighter.highlight(language, &text, &marked) } else { None };
        let id = self.next_id;
        self.next_id += 1;
        Code { id, text, html, lang, copy: action.copy, exec: action.exec }
    }

    /// The number that the next piece of code gets.
    pub(crate) fn next_id(&self) -> u32 {
        self.next_id
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Whether a link can lead to `target`.
    pub(crate) fn has_heading(&self, target: &str) -> bool {
        self.headings.contains(&target.to_lowercase())
    }

    /// The anchor that a heading needs because a link leads to it.
    pub(crate) fn anchor_of(&self, heading: NodeRef<'_, Node>) -> Option<String> {
        let name = heading_name(&self.text(heading));
        self.wanted.contains(&name).then(|| anchor(&name))
    }

    /// The plain text below a node, code included.
    pub(crate) fn text(&self, node: NodeRef<'_, Node>) -> String {
        let mut text = String::new();
        for node in node.descendants() {
            match node.value() {
                Node::Text(piece) => text.push_str(piece),
                Node::Element(element) => {
                    if let Some(Some(code)) =
                        code_number(element).and_then(|number| self.codes.get(number))
                    {
                        text.push_str(&code.text);
                    }
                }
                _ => {}
            }
        }
        text.trim().to_owned()
    }
}

/// What code an element stands for.
pub(crate) fn code_number(element: &Element) -> Option<usize> {
    element.attr("data-code")?.parse().ok()
}

/// 1 to 6 for `h1` to `h6`.
pub(crate) fn heading_level(element: &Element) -> Option<u8> {
    let level = element.name().strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

/// The name of a heading in links, as most renderers make it.
fn heading_name(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " _-".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The `id` of a heading: with a prefix, so that no text takes a name that the page uses itself.
pub(crate) fn anchor(name: &str) -> String {
    format!("text-{}", name.to_lowercase())
}
