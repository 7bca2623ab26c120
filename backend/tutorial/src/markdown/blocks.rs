//! The blocks of a text, from sanitised HTML.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;
use shared::tutorial::{Block, Inline};

use super::inlines::{Place, is_visible, push_html};
use super::walk::{Walk, code_number, heading_level};
use crate::limits::ELEMENT_DEPTH;

/// The blocks that have been read, and the line that is being read.
#[derive(Default)]
struct Flow {
    blocks: Vec<Block>,
    line: Vec<Inline>,
}

impl Flow {
    fn end_line(&mut self) {
        let mut content = std::mem::take(&mut self.line);
        if is_visible(&content) {
            trim(&mut content);
            self.blocks.push(Block::Paragraph { content });
        }
    }

    fn push(&mut self, block: Block) {
        self.end_line();
        self.blocks.push(block);
    }
}

impl Walk<'_, '_> {
    /// The blocks that the children of `node` make.
    pub(crate) fn blocks(&mut self, node: NodeRef<'_, Node>, place: Place) -> Vec<Block> {
        self.blocks_of(node.children(), place)
    }

    fn blocks_of<'n>(
        &mut self,
        nodes: impl Iterator<Item = NodeRef<'n, Node>>,
        place: Place,
    ) -> Vec<Block> {
        let mut flow = Flow::default();
        for node in nodes {
            self.block(node, place, &mut flow);
        }
        flow.end_line();
        flow.blocks
    }

    fn block(&mut self, node: NodeRef<'_, Node>, place: Place, flow: &mut Flow) {
        let Node::Element(element) = node.value() else {
            return self.inline(node, place, &mut flow.line);
        };
        if place.depth > ELEMENT_DEPTH {
            return self.inline(node, place, &mut flow.line);
        }
        let inner = place.deeper();
        match element.name() {
            "pre" => self.pre(node, element, flow),
            "p" | "div" | "section" | "center" | "figure" | "figcaption" | "dd" | "li"
            | "tbody" | "summary" => {
                flow.end_line();
                let blocks = self.blocks(node, inner);
                flow.blocks.extend(blocks);
            }
            "dt" => {
                let content = self.inlines(node, inner);
                flow.push(Block::Paragraph { content });
            }
            "ul" | "ol" => {
                let start = (element.name() == "ol").then(|| first_number(element));
                let items = self.items(node, inner);
                flow.push(Block::List { start, items });
            }
            "blockquote" => {
                let blocks = self.blocks(node, inner);
                flow.push(Block::Quote { blocks });
            }
            "details" => {
                let block = self.details(node, element, inner);
                flow.push(block);
            }
            "table" => {
                flow.end_line();
                let blocks = self.table(node, inner);
                flow.blocks.extend(blocks);
            }
            "dl" => {
                flow.end_line();
                let blocks = self.definitions(node, inner);
                flow.blocks.extend(blocks);
            }
            "hr" => flow.push(Block::Rule),
            _ => match heading_level(element) {
                Some(level) => {
                    let block = self.heading(node, level, inner);
                    flow.push(block);
                }
                None => self.inline(node, place, &mut flow.line),
            },
        }
    }

    fn pre(&mut self, node: NodeRef<'_, Node>, element: &Element, flow: &mut Flow) {
        let draft = match code_number(element) {
            Some(number) => self.take(number),
            // An author's own `<pre>`.
            None => Some(super::events::CodeDraft::plain(self.text(node))),
        };
        if let Some(draft) = draft {
            let code = self.code(draft);
            flow.push(Block::Code { code });
        }
    }

    fn heading(&mut self, node: NodeRef<'_, Node>, level: u8, place: Place) -> Block {
        let anchor = self.anchor_of(node);
        let mut content = Vec::new();
        if let Some(anchor) = anchor {
            let mut html = String::from("<span");
            super::html::attribute("id", &anchor, &mut html);
            html.push_str("></span>");
            push_html(&html, &mut content);
        }
        for child in node.children() {
            self.inline(child, place.without_buttons(), &mut content);
        }
        trim(&mut content);
        Block::Heading { level: level.clamp(2, 6), content }
    }

    fn items(&mut self, list: NodeRef<'_, Node>, place: Place) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        for child in list.children() {
            let blocks = self.blocks_of(std::iter::once(child), place);
            if !blocks.is_empty() {
                items.push(blocks);
            }
        }
        items
    }

    fn details(&mut self, node: NodeRef<'_, Node>, element: &Element, place: Place) -> Block {
        let is_summary = |node: &NodeRef<'_, Node>| is_element(node, &["summary"]);
        let summary = node.children().find(is_summary);
        let mut content =
            summary.map(|node| self.inlines(node, place.without_buttons())).unwrap_or_default();
        trim(&mut content);
        if !is_visible(&content) {
            content = vec![Inline::Html { html: "Details".to_owned() }];
        }
        let rest =
            node.children().filter(|child| Some(child.id()) != summary.map(|node| node.id()));
        let blocks = self.blocks_of(rest, place);
        Block::Details { summary: content, open: element.attr("open").is_some(), blocks }
    }

    /// A table, its caption before it.
    fn table(&mut self, node: NodeRef<'_, Node>, place: Place) -> Vec<Block> {
        let mut rows = Vec::new();
        let mut blocks = Vec::new();
        for part in node.children() {
            match part.value() {
                Node::Element(element) if element.name() == "tr" => rows.push(part),
                Node::Element(element) if matches!(element.name(), "thead" | "tbody") => {
                    rows.extend(part.children().filter(|row| is_element(row, &["tr"])));
                }
                Node::Element(element) if element.name() == "caption" => {
                    blocks.extend(self.blocks(part, place))
                }
                _ => {}
            }
        }
        let has_head =
            rows.first().is_some_and(|row| row.children().all(|cell| !is_element(&cell, &["td"])));
        let mut rows = rows.into_iter().map(|row| {
            let cells = row.children().filter(|cell| is_element(cell, &["td", "th"]));
            cells.map(|cell| self.inlines(cell, place.deeper())).collect::<Vec<_>>()
        });
        let head = if has_head { rows.next().unwrap_or_default() } else { Vec::new() };
        let rows: Vec<_> = rows.collect();
        if !(head.is_empty() && rows.is_empty()) {
            blocks.push(Block::Table { head, rows });
        }
        blocks
    }

    /// A list of definitions: as it is when it has no buttons, else as paragraphs.
    fn definitions(&mut self, node: NodeRef<'_, Node>, place: Place) -> Vec<Block> {
        let has_code = node
            .descendants()
            .any(|node| node.value().as_element().is_some_and(|e| code_number(e).is_some()));
        if has_code {
            return self.blocks(node, place);
        }
        let mut html = String::from("<dl>");
        for child in node.children() {
            let Node::Element(element) = child.value() else { continue };
            let tag = if element.name() == "dt" { "dt" } else { "dd" };
            html.push_str(&format!("<{tag}>"));
            for piece in self.inlines(child, place) {
                if let Inline::Html { html: text } = piece {
                    html.push_str(&text);
                }
            }
            html.push_str(&format!("</{tag}>"));
        }
        html.push_str("</dl>");
        vec![Block::Html { html }]
    }
}

fn is_element(node: &NodeRef<'_, Node>, names: &[&str]) -> bool {
    node.value().as_element().is_some_and(|element| names.contains(&element.name()))
}

fn first_number(list: &Element) -> u64 {
    list.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1)
}

/// Takes the blanks off both ends of a line.
fn trim(line: &mut Vec<Inline>) {
    if let Some(Inline::Html { html }) = line.first_mut() {
        *html = html.trim_start().to_owned();
    }
    if let Some(Inline::Html { html }) = line.last_mut() {
        html.truncate(html.trim_end().len());
    }
    line.retain(|piece| !matches!(piece, Inline::Html { html } if html.is_empty()));
}
