//! `[terms.LANG]`: what a visitor accepts, in each language.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use indexmap::IndexMap;
use serde::Deserialize;

use super::error::Mistake;
use crate::services::settings::TermsText;

/// The terms in one language: a text or a file of it, Markdown both.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Terms {
    /// The text.
    pub text: Option<String>,
    /// A file that holds the text.
    pub file: Option<PathBuf>,
}

/// What stands in for terms that nobody has written yet; `tryit check` says so.
pub(super) const EXAMPLE: &str = include_str!("terms.md");

/// Longer than anybody reads, and a file by mistake more likely than terms.
const MAX_BYTES: u64 = 256 * 1024;

/// The terms in all languages, the default first.
pub(super) fn texts(
    table: IndexMap<String, Terms>,
    base: &Path,
) -> Result<Vec<TermsText>, Mistake> {
    if table.is_empty() {
        return Ok(vec![TermsText { lang: "en".to_owned(), text: EXAMPLE.to_owned() }]);
    }
    let text = |(lang, terms): (String, Terms)| {
        let key = format!("terms.{lang}");
        let is_language = (2..=35).contains(&lang.len())
            && lang
                .split('-')
                .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()));
        if !is_language {
            return Err(Mistake::new(key, "expected a language like `en` or `pt-BR`"));
        }
        let text = terms.read(base).map_err(|mistake| mistake.within(&key))?;
        Ok(TermsText { lang, text })
    };
    table.into_iter().map(text).collect()
}

/// The files that the terms are read from.
pub(super) fn files(table: &IndexMap<String, Terms>, base: &Path) -> Vec<PathBuf> {
    table.values().filter_map(|terms| Some(base.join(terms.file.as_ref()?))).collect()
}

impl Terms {
    fn read(self, base: &Path) -> Result<String, Mistake> {
        let (key, text) = match (self.text, self.file) {
            (Some(text), None) => ("text", text),
            (None, Some(file)) => ("file", read_file(&base.join(file))?),
            (None, None) => {
                return Err(Mistake::new("", "expected `text` or `file`, found neither"));
            }
            (Some(_), Some(_)) => {
                return Err(Mistake::new("", "expected either `text` or `file`, found both"));
            }
        };
        match text.trim().is_empty() {
            true => Err(Mistake::new(key, "expected the terms, found nothing")),
            false => Ok(text),
        }
    }
}

fn read_file(path: &Path) -> Result<String, Mistake> {
    let wrong = |why: &dyn std::fmt::Display| {
        Mistake::new("file", format!("can't read {}: {why}", path.display()))
    };
    let metadata = fs::metadata(path).map_err(|error| wrong(&error))?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(wrong(&"expected a text file of at most 256 KiB"));
    }
    fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => wrong(&"it is not UTF-8"),
        _ => wrong(&error),
    })
}
