//! The allow-list: which elements, attributes and schemes of an author's HTML are kept.

use std::collections::{HashMap, HashSet};

use ammonia::Builder;

use crate::limits::OPEN_ELEMENTS;

/// What a text may consist of. No `class`, no `id`, no `style` but an image's (which is read for its size and not
/// written), nothing that loads, submits or runs.
const TAGS: [&str; 54] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Elements whose content isn't text for a reader either.
const DROPPED_WITH_CONTENT: [&str; 11] = [
    "script", "style", "iframe", "noscript", "object", "select", "svg", "math", "template",
    "textarea", "title",
];

/// Elements that authors don't close, and needn't.
const ENDED_BY_OTHERS: [&str; 11] =
    ["br", "hr", "img", "input", "p", "li", "tr", "td", "th", "dt", "dd"];

/// Keeps only what the allow-list names. The result is balanced.
pub(crate) fn clean(html: &str) -> String {
    let attributes: [(&str, &[&str]); 7] = [
        ("a", &["href", "title"]),
        ("abbr", &["title"]),
        ("code", &["data-code"]),
        ("details", &["open"]),
        ("img", &["src", "alt", "title", "width", "height", "style"]),
        ("ol", &["start"]),
        ("pre", &["data-code"]),
    ];
    let attributes: HashMap<&str, HashSet<&str>> =
        attributes.into_iter().map(|(tag, names)| (tag, names.iter().copied().collect())).collect();
    Builder::empty()
        .tags(TAGS.into())
        .clean_content_tags(DROPPED_WITH_CONTENT.into())
        .tag_attributes(attributes)
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(None)
        .clean(html)
        .to_string()
}

/// The first element of an author's HTML that [`clean`] takes away.
pub(crate) fn removed(html: &str) -> Option<&str> {
    let mut names = starts(html).map(name).filter(|name| !name.is_empty());
    names.find(|name| !TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)))
}

/// Whether elements are open within each other in a number that no text needs: an HTML parser's work grows with the
/// square of it.
pub(crate) fn is_too_deep(html: &str) -> bool {
    let mut open = 0_usize;
    starts(html).any(|rest| {
        match rest.strip_prefix('/') {
            Some(_) => open = open.saturating_sub(1),
            None if ENDED_BY_OTHERS.iter().any(|tag| tag.eq_ignore_ascii_case(name(rest))) => {}
            None => open += usize::from(!name(rest).is_empty()),
        }
        open > OPEN_ELEMENTS
    })
}

/// What follows each `<`.
fn starts(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices('<').map(|(at, _)| &html[at + 1..])
}

/// The name of the element whose tag begins here, or nothing.
fn name(rest: &str) -> &str {
    &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_loads_or_submits_is_removed() {
        for html in [
            "<script>alert(1)</script>",
            "<style>p{}</style>",
            "<iframe src=//x>t</iframe>",
            "<svg onload=alert(1)><script>x</script></svg>",
            "<math><mtext><img src=x></mtext></math>",
            "<textarea></textarea>",
            "<template><p>x</p></template>",
            "<object data=x></object>",
        ] {
            assert_eq!(clean(html), "", "{html}");
        }
        assert_eq!(clean("<form><p onclick=x style='a' class=b id=c>t</form>"), "<p>t</p>");
        assert_eq!(clean("<a href='javascript:alert(1)'>x</a>"), "<a>x</a>");
        assert_eq!(clean("<a href='java\nscript:alert(1)'>x</a>"), "<a>x</a>");
        assert_eq!(clean("<img src='data:text/html,x' onerror=x alt=a>"), "<img alt=\"a\">");
    }

    #[test]
    fn depth_is_told_from_length() {
        assert!(is_too_deep(&"<div>".repeat(300)));
        assert!(is_too_deep(&"<DIV a=b><b>".repeat(150)));
        for piece in ["<div>x</div>", "<p>", "<br>", "a < b ", "<li><b>x</b>"] {
            assert!(!is_too_deep(&piece.repeat(300)), "{piece}");
        }
    }

    #[test]
    fn names_what_it_removes() {
        assert_eq!(removed("<p><IFRAME src=x>"), Some("IFRAME"));
        assert_eq!(removed("<details><summary>a < b</summary></details><!-- x -->"), None);
    }
}
