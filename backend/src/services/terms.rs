//! The terms: what a visitor accepts by starting. The hash is of the configured text, so that a change of wording
//! asks anew.

use pulldown_cmark::{Event, Parser, html};
use sha2::{Digest, Sha256};
use shared::status::Terms;

use super::{Error, Result, Services, settings::TermsText};

/// SHA-256 of the configured text.
fn hash(text: &TermsText) -> [u8; 32] {
    Sha256::digest(&text.text).into()
}

/// As visitors get them. The text is the operator's own; raw HTML in it is shown as text all the same.
fn render(text: &TermsText) -> Terms {
    let events = Parser::new(&text.text).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    let hash = domain::TokenHash(hash(text)).to_hex();
    Terms { hash, html: page, lang: text.lang.clone() }
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
