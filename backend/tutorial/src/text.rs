//! The pages of a scenario in one language.

use std::collections::BTreeMap;

use shared::tutorial::{Block, TutorialPage};

use crate::files::{FileError, Files};
use crate::highlight::Highlighter;
use crate::index::{RawPage, line_of};
use crate::limits::TEXT_BYTES;
use crate::load::{ReadError, read_text};
use crate::markdown::{self, Links, Text};
use crate::path::FilePath;
use crate::problem::{Problem, Problems};
use crate::scenario::{Page, PageId};
use crate::slug::Slug;

/// Reads the Markdown of a scenario.
pub(crate) struct Texts<'a> {
    pub files: &'a dyn Files,
    pub dir: &'a FilePath,
    pub index: &'a FilePath,
    pub index_source: &'a str,
    pub slug: &'a Slug,
    /// The files that the pages show, by their name in URLs.
    pub shown: &'a mut BTreeMap<String, FilePath>,
    pub highlighter: &'a mut Highlighter,
    pub problems: &'a mut Vec<Problem>,
}

impl Texts<'_> {
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
    fn inline(&mut self, source: &str, first_id: u32) -> Text {
        self.read(&self.index.clone(), source, first_id)
    }

    /// A Markdown file, or its translation; and whether it is one.
    fn file(&mut self, name: &str, first_id: u32, lang: Option<&str>) -> (Text, bool) {
        let file = match self.dir.join(name) {
            Ok(file) => file,
            Err(outside) => {
                self.index_error(name, &outside.to_string());
                return (Text::default(), false);
            }
        };
        if let Some(lang) = lang
            && let Ok(translated) = file.parent().join(&format!("_{lang}/{}", file.name()))
        {
            match read_text(self.files, &translated, TEXT_BYTES) {
                // Its images are where those of the original are.
                Ok(source) => return (self.read_as(&translated, &file, &source, first_id), true),
                Err(ReadError::File(FileError::NotFound)) => {}
                Err(error) => {
                    Problems::of(&translated, self.problems).error(None, error.to_string())
                }
            }
        }
        match read_text(self.files, &file, TEXT_BYTES) {
            // Its problems were named when the original was read.
            Ok(source) => (self.read(&file, &source, first_id), false),
            Err(error) => {
                self.index_error(name, &error.to_string());
                (Text::default(), false)
            }
        }
    }

    fn read(&mut self, file: &FilePath, source: &str, first_id: u32) -> Text {
        self.read_as(file, file, source, first_id)
    }

    fn read_as(&mut self, file: &FilePath, place: &FilePath, source: &str, first_id: u32) -> Text {
        let mut links =
            Links { slug: self.slug, dir: self.dir, base: place.parent(), files: self.shown };
        let mut problems = Problems::of(file, self.problems);
        markdown::read(source, first_id, &mut links, self.highlighter, &mut problems)
    }

    fn index_error(&mut self, name: &str, why: &str) {
        let line = line_of(self.index_source, name);
        Problems::of(self.index, self.problems).error(line, format!("`{name}`: {why}"));
    }
}
