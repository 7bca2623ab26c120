//! The pieces of a line: text, links, images and code, from sanitised HTML.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;
use shared::tutorial::{Inline, Style};

use super::html::{attribute, escape, is_void};
use super::links::{Image, Link, Links};
use super::walk::{Walk, anchor, code_number};
use crate::limits::ELEMENT_DEPTH;

/// Where a piece stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Elements around it.
    pub depth: usize,
    /// Whether it can have buttons of its own: not inside of a link, a heading or a summary.
    pub buttons: bool,
}

impl Place {
    pub(crate) fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    pub(crate) fn without_buttons(self) -> Self {
        Self { buttons: false, ..self }
    }
}

impl Walk<'_, '_> {
    /// The pieces of all children of `node`.
    pub(crate) fn inlines(&mut self, node: NodeRef<'_, Node>, place: Place) -> Vec<Inline> {
        let mut out = Vec::new();
        for child in node.children() {
            self.inline(child, place, &mut out);
        }
        out
    }

    /// Adds what `node` says to a line.
    pub(crate) fn inline(&mut self, node: NodeRef<'_, Node>, place: Place, out: &mut Vec<Inline>) {
        match node.value() {
            Node::Text(text) => push_text(text, out),
            Node::Element(_) if place.depth > ELEMENT_DEPTH => self.flat(node, place, out),
            Node::Element(element) => self.element(node, element, place.deeper(), out),
            _ => {}
        }
    }

    fn element(
        &mut self,
        node: NodeRef<'_, Node>,
        element: &Element,
        place: Place,
        out: &mut Vec<Inline>,
    ) {
        if let Some(number) = code_number(element) {
            return self.inline_code(number, place, out);
        }
        match element.name() {
            "br" => push_html("<br>", out),
            "img" => self.image(element, out),
            "a" => self.link(node, element, place, out),
            "em" | "i" => self.styled(node, element.name(), Style::Emphasis, place, out),
            "strong" | "b" => self.styled(node, element.name(), Style::Strong, place, out),
            "del" | "s" | "strike" => self.styled(node, "del", Style::Strikethrough, place, out),
            tag @ ("abbr" | "cite" | "code" | "dfn" | "ins" | "kbd" | "mark" | "q" | "samp"
            | "small" | "sub" | "sup") => {
                let content = self.inlines(node, place);
                let title = element.attr("title").map(|title| ("title", title));
                wrap(tag, title.as_slice(), content, out);
            }
            "span" | "font" => out_all(self.inlines(node, place), out),
            // A block where there is room for a line only.
            _ => {
                let content = self.inlines(node, place);
                if is_visible(out) && is_visible(&content) {
                    push_html("<br>", out);
                }
                out_all(content, out);
            }
        }
    }

    fn inline_code(&mut self, number: usize, place: Place, out: &mut Vec<Inline>) {
        let Some(draft) = self.take(number) else { return };
        if place.buttons && (draft.action.copy || draft.action.exec.is_some()) {
            let code = self.code(draft);
            return out.push(Inline::Code { code });
        }
        if draft.action.exec.is_some() {
            self.note(format!(
                "`{}` can't be run inside of a link, a heading or a summary",
                draft.text
            ));
        }
        let mut html = String::from("<code>");
        escape(&draft.text, &mut html);
        html.push_str("</code>");
        push_html(&html, out);
    }

    fn styled(
        &mut self,
        node: NodeRef<'_, Node>,
        tag: &str,
        style: Style,
        place: Place,
        out: &mut Vec<Inline>,
    ) {
        let content = self.inlines(node, place);
        if content.iter().all(|piece| matches!(piece, Inline::Html { .. })) {
            wrap(tag, &[], content, out);
        } else {
            out.push(Inline::Styled { style, content });
        }
    }

    fn link(
        &mut self,
        node: NodeRef<'_, Node>,
        element: &Element,
        place: Place,
        out: &mut Vec<Inline>,
    ) {
        let content = self.inlines(node, place.without_buttons());
        let here;
        let attributes = match element.attr("href").map(Links::link) {
            Some(Link::Out(href)) => {
                here = href;
                vec![("href", here.as_str()), ("target", "_blank"), ("rel", "noopener noreferrer")]
            }
            Some(Link::Here(target)) if self.has_heading(&target) => {
                here = format!("#{}", anchor(&target));
                vec![("href", here.as_str())]
            }
            Some(Link::Here(target)) => {
                self.note(format!("`#{target}`: no heading of this page has that name"));
                return out_all(content, out);
            }
            Some(Link::Refused(why)) => {
                self.note(why);
                return out_all(content, out);
            }
            None => return out_all(content, out),
        };
        wrap("a", &attributes, content, out);
    }

    fn image(&mut self, element: &Element, out: &mut Vec<Inline>) {
        let alt = element.attr("alt").unwrap_or_default();
        let Some(src) = element.attr("src") else { return push_text(alt, out) };
        match self.links.image(src) {
            Image::Local(url) => {
                let mut html = String::from("<img");
                attribute("src", &url, &mut html);
                attribute("alt", alt, &mut html);
                for name in ["width", "height"] {
                    if let Some(pixels) = pixels(element, name) {
                        attribute(name, &pixels.to_string(), &mut html);
                    }
                }
                html.push_str(" loading=\"lazy\">");
                push_html(&html, out);
            }
            Image::Remote(url) => {
                self.note(format!("`{src}`: a remote image is shown as a link"));
                let mut text = Vec::new();
                push_text(if alt.trim().is_empty() { &url } else { alt }, &mut text);
                let link =
                    [("href", url.as_str()), ("target", "_blank"), ("rel", "noopener noreferrer")];
                wrap("a", &link, text, out);
            }
            Image::Refused(why) => {
                self.note(why);
                push_text(alt, out);
            }
        }
    }

    /// The text and the code below an element that is nested too deep for its form to matter.
    fn flat(&mut self, node: NodeRef<'_, Node>, place: Place, out: &mut Vec<Inline>) {
        for node in node.descendants() {
            match node.value() {
                Node::Text(text) => push_text(text, out),
                Node::Element(element) => {
                    if let Some(number) = code_number(element) {
                        self.inline_code(number, place, out);
                    }
                }
                _ => {}
            }
        }
    }
}

/// The width or height that an image's author wants, as an attribute or as a style: `100`, `100px`.
fn pixels(image: &Element, name: &str) -> Option<u16> {
    let styles = image.attr("style").unwrap_or_default().split(';');
    let styled =
        styles.filter_map(|style| style.split_once(':')).find(|(key, _)| key.trim() == name);
    let value = image.attr(name).or(styled.map(|(_, value)| value))?.trim();
    value.strip_suffix("px").unwrap_or(value).parse().ok()
}

/// Whether there is anything to see in a line.
pub(crate) fn is_visible(line: &[Inline]) -> bool {
    line.iter().any(|piece| match piece {
        Inline::Html { html } => html.contains("<img") || has_text(html),
        Inline::Code { .. } => true,
        Inline::Styled { content, .. } => is_visible(content),
    })
}

/// Whether a fragment has more than tags and blanks.
fn has_text(html: &str) -> bool {
    html.split('<').enumerate().any(|(index, piece)| {
        let text =
            if index == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) };
        !text.trim().is_empty()
    })
}

/// Adds text, escaped.
fn push_text(text: &str, out: &mut Vec<Inline>) {
    let mut html = String::new();
    escape(text, &mut html);
    push_html(&html, out);
}

/// Adds a balanced fragment to the one before, if there is one.
pub(crate) fn push_html(fragment: &str, out: &mut Vec<Inline>) {
    match out.last_mut() {
        Some(Inline::Html { html }) => html.push_str(fragment),
        _ => out.push(Inline::Html { html: fragment.to_owned() }),
    }
}

fn out_all(content: Vec<Inline>, out: &mut Vec<Inline>) {
    for piece in content {
        match piece {
            Inline::Html { html } => push_html(&html, out),
            piece => out.push(piece),
        }
    }
}

/// Adds an element around `content`; around code that has buttons, there is none.
fn wrap(tag: &str, attributes: &[(&str, &str)], content: Vec<Inline>, out: &mut Vec<Inline>) {
    if content.iter().any(|piece| !matches!(piece, Inline::Html { .. })) {
        return out_all(content, out);
    }
    let mut html = format!("<{tag}");
    for (name, value) in attributes {
        attribute(name, value, &mut html);
    }
    html.push('>');
    for piece in content {
        if let Inline::Html { html: inner } = piece {
            html.push_str(&inner);
        }
    }
    if !is_void(tag) {
        html.push_str("</");
        html.push_str(tag);
        html.push('>');
    }
    push_html(&html, out);
}
