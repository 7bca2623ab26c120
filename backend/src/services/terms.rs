//! The terms: what a visitor accepts by starting. The hash is of the configured text, so that a change of wording
//! asks anew.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd, html};
use sha2::{Digest, Sha256};
use shared::status::Terms;

use super::{Error, Result, Services, settings::TermsText};

/// SHA-256 of the configured text.
fn hash(text: &TermsText) -> [u8; 32] {
    Sha256::digest(&text.text).into()
}

/// The next lower level: the page that shows the terms has a title of its own.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// As visitors get them. The text is the operator's own; raw HTML in it is shown as text all the same, and a link leads
/// to a page of its own: the terms are read where a session is about to start.
fn render(text: &TermsText) -> Terms {
    let events = Parser::new(&text.text).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: below(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        other => other,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    let html = ammonia::Builder::default()
        .set_tag_attribute_value("a", "target", "_blank")
        .clean(&page)
        .to_string();
    let hash = domain::TokenHash(hash(text)).to_hex();
    Terms { hash, html, lang: text.lang.clone() }
}

impl Services {
    /// The terms in the language asked for, else in the default one.
    pub fn terms(&self, lang: Option<&str>) -> Result<Terms> {
        let settings = self.0.settings.borrow();
        let plain = lang.map(|lang| lang.split('-').next().unwrap_or(lang).to_ascii_lowercase());
        let matching = settings.terms.iter().find(|terms| Some(&terms.lang) == plain.as_ref());
        let terms = matching.or_else(|| settings.terms.first());
        terms.map(render).ok_or_else(|| Error::internal(&"no terms are configured"))
    }

    /// What a visitor accepted, if it is in force in any language.
    pub(super) fn accepted_terms(
        &self,
        accepted: &str,
        lang: Option<&str>,
    ) -> Result<store::AcceptedTerms> {
        let accepted: Option<domain::TokenHash> = accepted.parse().ok();
        let settings = self.0.settings.borrow();
        let terms = settings
            .terms
            .iter()
            .find(|terms| accepted.is_some_and(|accepted| accepted.0 == hash(terms)));
        match terms {
            Some(terms) => Ok(store::AcceptedTerms { hash: hash(terms), lang: terms.lang.clone() }),
            None => {
                drop(settings);
                Err(Error::terms_outdated(self.terms(lang)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        render(&TermsText { lang: "en".to_owned(), text: text.to_owned() }).html
    }

    #[test]
    fn headings_begin_below_the_pages_own() {
        let html = rendered("# Rules\n\n## Of *use*\n\nUnderlined\n===\n\n###### Small");
        assert_eq!(
            html,
            "<h2>Rules</h2>\n<h3>Of <em>use</em></h3>\n<h2>Underlined</h2>\n<h6>Small</h6>\n"
        );
    }

    #[test]
    fn html_is_shown_as_text() {
        let html = rendered("a <script>alert(1)</script>\n\n<div onclick=x>");
        assert!(!html.contains("<script") && !html.contains("<div"), "{html}");
    }

    #[test]
    fn links_lead_out_and_run_nothing() {
        let html = rendered("[a](https://example.com/) [b](javascript:alert(1))");
        assert!(html.contains("href=\"https://example.com/\""), "{html}");
        assert!(html.contains("target=\"_blank\"") && html.contains("noopener"), "{html}");
        assert!(!html.contains("javascript"), "{html}");
    }

    #[test]
    fn the_hash_is_of_the_text_alone() {
        let hash = |lang: &str| render(&TermsText { lang: lang.into(), text: "# A".into() }).hash;
        assert_eq!(hash("en"), hash("de"));
        assert_ne!(hash("en"), render(&TermsText { lang: "en".into(), text: "## A".into() }).hash);
    }
}
