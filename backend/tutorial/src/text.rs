//! The pages of a scenario in one language.

use std::collections::{BTreeMap, BTreeSet};

use shared::tutorial::{Block, TutorialPage};

use crate::files::{EntryKind, FileError};
use crate::highlight::Highlighter;
use crate::index::RawPage;
use crate::limits::TEXT_BYTES;
use crate::markdown::{self, Links, Text};
use crate::path::FilePath;
use crate::problem::Problems;
use crate::scenario::{Page, PageId};
use crate::slug::Slug;
use crate::source::{ReadError, Source, read_text};

/// Reads the Markdown of a scenario.
pub(crate) struct Texts<'a, 'f> {
    pub source: &'a mut Source<'f>,
    pub slug: &'a Slug,
    /// The files that the pages show, by their name in URLs.
    pub shown: &'a mut BTreeMap<String, FilePath>,
    pub highlighter: &'a mut Highlighter,
}

impl Texts<'_, '_> {
    /// All pages, in `lang` where there is a translation.
    pub(crate) fn pages(
        &mut self,
        raw: &[(PageId, RawPage)],
        pages: &[Page],
        scenario_title: &str,
        lang: Option<&str>,
    ) -> Vec<TutorialPage> {
        let pairs = raw.iter().zip(pages);
        pairs.map(|((id, raw), page)| self.page(*id, raw, page, scenario_title, lang)).collect()
    }

    fn page(
        &mut self,
        id: PageId,
        raw: &RawPage,
        page: &Page,
        scenario_title: &str,
        lang: Option<&str>,
    ) -> TutorialPage {
        let (mut text, is_translated) =
            match raw.text.as_deref().filter(|name| !name.trim().is_empty()) {
                Some(name) => self.file(name, 0, lang),
                None => (Text::default(), false),
            };
        let heading = text.first_heading.take().filter(|heading| !heading.is_empty());
        let has_heading = matches!(text.blocks.first(), Some(Block::Heading { .. }));
        let given = raw.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
        let title = match (given, heading.as_deref()) {
            // A translation has its titles in its text.
            (Some(_), Some(heading)) if is_translated && has_heading => heading,
            (Some(title), _) => title,
            (None, Some(heading)) => heading,
            (None, None) => "",
        };
        // The page shows its title: the text needn't say it again.
        if has_heading && heading.as_deref() == Some(title) {
            text.blocks.remove(0);
        }
        let title = match (title, id) {
            ("", PageId::Intro) => scenario_title.to_owned(),
            ("", PageId::Step(number)) => format!("Step {number}"),
            ("", PageId::Finish) => "The end".to_owned(),
            (title, _) => title.to_owned(),
        };
        TutorialPage {
            id: id.to_string(),
            title,
            blocks: text.blocks,
            enters: page.run_on_enter && (page.background.is_some() || page.foreground.is_some()),
            checks: page.verify.is_some(),
            solves: page.solve.is_some(),
            hint: self.hint(raw, text.next_id, lang),
        }
    }

    fn hint(&mut self, raw: &RawPage, mut next_id: u32, lang: Option<&str>) -> Vec<Block> {
        let mut blocks = Vec::new();
        for hint in
            [&raw.hint, &raw.answer].into_iter().flatten().filter(|hint| !hint.trim().is_empty())
        {
            let is_file = hint.ends_with(".md") && !hint.contains('\n');
            let text =
                if is_file { self.file(hint, next_id, lang).0 } else { self.inline(hint, next_id) };
            blocks.extend(text.blocks);
            next_id = text.next_id;
        }
        blocks
    }

    /// Markdown that stands in the index itself.
    fn inline(&mut self, text: &str, first_id: u32) -> Text {
        let file = self.source.index.clone();
        self.read(&file, &file, text, first_id)
    }

    /// A Markdown file, or its translation; and whether it is one.
    fn file(&mut self, name: &str, first_id: u32, lang: Option<&str>) -> (Text, bool) {
        if let Some((file, original, text)) = lang.and_then(|lang| self.translation(name, lang)) {
            return (self.read(&file, &original, &text, first_id), true);
        }
        match self.source.named(name, TEXT_BYTES) {
            Some((file, text)) => (self.read(&file, &file, &text, first_id), false),
            None => (Text::default(), false),
        }
    }

    /// A translation's file, the original's, and what the translation says.
    fn translation(&mut self, name: &str, lang: &str) -> Option<(FilePath, FilePath, String)> {
        let original = self.source.dir.join(name).ok()?;
        let file = original.parent().join(&format!("_{lang}/{}", original.name())).ok()?;
        match read_text(self.source.files, &file, TEXT_BYTES) {
            Ok(text) => Some((file, original, text)),
            Err(ReadError::File(FileError::NotFound)) => None,
            Err(error) => {
                Problems::of(&file, &mut self.source.problems).error(None, error.to_string());
                None
            }
        }
    }

    /// Reads a text of `file`, whose images are where those of `original` are.
    fn read(&mut self, file: &FilePath, original: &FilePath, text: &str, first_id: u32) -> Text {
        let mut links = Links {
            slug: self.slug,
            dir: self.source.dir,
            base: original.parent(),
            files: self.shown,
        };
        let mut problems = Problems::of(file, &mut self.source.problems);
        markdown::read(text, first_id, &mut links, self.highlighter, &mut problems)
    }
}

/// The languages that any page is translated to: directories named `_fr` beside the Markdown.
pub(crate) fn languages(raw: &[(PageId, RawPage)], source: &Source<'_>) -> BTreeSet<String> {
    let texts = raw.iter().filter_map(|(_, page)| source.dir.join(page.text.as_deref()?).ok());
    let dirs: BTreeSet<FilePath> = texts.map(|text| text.parent()).collect();
    let entries = dirs.iter().filter_map(|dir| source.files.list(dir).ok()).flatten();
    let directories = entries.filter(|entry| entry.kind == EntryKind::Directory);
    directories
        .filter_map(|entry| {
            entry.name.strip_prefix('_').filter(|tag| is_language(tag)).map(ToOwned::to_owned)
        })
        .collect()
}

/// Whether a tag is a language's: `fr`, `pt-BR`.
fn is_language(tag: &str) -> bool {
    let (language, region) = tag.split_once('-').unwrap_or((tag, "XX"));
    let is_alphabetic = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    matches!(language.len(), 2 | 3)
        && matches!(region.len(), 2..=4)
        && is_alphabetic(language)
        && is_alphabetic(region)
}
