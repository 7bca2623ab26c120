//! Reads one scenario directory.

use std::collections::BTreeMap;

use shared::tutorial::{CallToAction, Tutorial, TutorialSummary};

use crate::files::{EntryKind, FileError, Files};
use crate::highlight::Highlighter;
use crate::index::{Index, RawAsset, RawPage, Syntax, line_of};
use crate::limits::{ASSETS, INDEX_BYTES, SCRIPT_BYTES, STEPS};
use crate::path::FilePath;
use crate::problem::{Problem, Problems};
use crate::scenario::{Asset, Page, PageId, Scenario, Script};
use crate::slug::Slug;
use crate::text::Texts;

/// What an index is called; the first one found is read.
const INDEXES: [(&str, Syntax); 3] =
    [("index.json", Syntax::Json), ("index.yaml", Syntax::Yaml), ("index.yml", Syntax::Yaml)];

/// Whether a directory with these files is a scenario's.
pub(crate) fn is_index(name: &str) -> bool {
    INDEXES.iter().any(|(index, _)| *index == name)
}

impl Scenario {
    /// Reads the scenario in `dir`. What is wrong with it is in [`Scenario::problems`].
    ///
    /// # Errors
    ///
    /// The problems, when its index can't be read.
    pub fn load(
        files: &dyn Files,
        dir: &FilePath,
        highlighter: &mut Highlighter,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        match read_index(files, dir, &mut problems) {
            Some((index, file, source)) => {
                let loader = Loader { files, dir, file: &file, source: &source, problems };
                Ok(loader.scenario(index, highlighter))
            }
            None => Err(problems),
        }
    }
}

fn read_index(
    files: &dyn Files,
    dir: &FilePath,
    problems: &mut Vec<Problem>,
) -> Option<(Index, FilePath, String)> {
    for (name, syntax) in INDEXES {
        let file = dir.join(name).ok()?;
        let mut problems = Problems::of(&file, problems);
        match read_text(files, &file, INDEX_BYTES) {
            Ok(source) => {
                return Some((Index::parse(&source, syntax, &mut problems)?, file, source));
            }
            Err(ReadError::File(FileError::NotFound)) => {}
            Err(error) => {
                problems.error(None, error.to_string());
                return None;
            }
        }
    }
    Problems::of(dir, problems).error(None, "neither `index.json` nor `index.yaml` is here");
    None
}

/// Why a text can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("not UTF-8")]
    NotUtf8,
}

/// A text without byte order mark, its line ends made `\n`.
pub(crate) fn read_text(
    files: &dyn Files,
    file: &FilePath,
    limit: u64,
) -> Result<String, ReadError> {
    let text = String::from_utf8(files.read(file, limit)?).map_err(|_| ReadError::NotUtf8)?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

struct Loader<'a> {
    files: &'a dyn Files,
    dir: &'a FilePath,
    /// The index.
    file: &'a FilePath,
    source: &'a str,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    fn scenario(mut self, index: Index, highlighter: &mut Highlighter) -> Scenario {
        let slug = Slug::of(self.dir);
        let details = index.details.unwrap_or_default();
        let runs = index.run_on_enter.unwrap_or(true);
        let raw = self.raw_pages(details.intro, details.steps.unwrap_or_default(), details.finish);
        let pages: Vec<Page> = raw.iter().map(|(id, raw)| self.page(*id, raw, runs)).collect();
        let assets =
            self.assets(details.assets.and_then(|assets| assets.host01).unwrap_or_default());
        let call_to_action = self.call_to_action(index.call_to_action);
        let facts = self.facts(index.facts.unwrap_or_default());

        let languages = self.languages(&raw);

        let mut shown = BTreeMap::new();
        let summary = TutorialSummary {
            slug: slug.to_string(),
            title: index.title,
            description: index.description.filter(|text| !text.trim().is_empty()),
            steps: Vec::new(),
            time: index.time.map(|words| words.into_text()),
            difficulty: index.difficulty.map(|words| words.into_text()),
        };
        let lang = index.lang.unwrap_or_else(|| "en".to_owned());
        let mut texts = Texts {
            files: self.files,
            dir: self.dir,
            index: self.file,
            index_source: self.source,
            slug: &slug,
            shown: &mut shown,
            highlighter,
            problems: &mut self.problems,
        };
        let mut tutorial = |lang: String, translation: Option<&str>| {
            let mut summary = summary.clone();
            let pages = texts.pages(&raw, &pages, &summary.title, translation);
            let steps = pages.iter().filter(|page| page.id != "intro" && page.id != "finish");
            summary.steps = steps.map(|page| page.title.clone()).collect();
            Tutorial { summary, lang, pages, call_to_action: call_to_action.clone() }
        };
        let original = tutorial(lang, None);
        let translations = languages
            .into_iter()
            .map(|lang| (lang.to_ascii_lowercase(), tutorial(lang.clone(), Some(&lang))))
            .collect();
        self.check_shown(&shown);

        Scenario {
            slug,
            dir: self.dir.clone(),
            imageid: index.backend.and_then(|backend| backend.imageid).filter(|id| !id.is_empty()),
            pages,
            assets,
            facts,
            files: shown,
            problems: self.problems,
            original,
            translations,
        }
    }

    fn raw_pages(
        &mut self,
        intro: Option<RawPage>,
        mut steps: Vec<RawPage>,
        finish: Option<RawPage>,
    ) -> Vec<(PageId, RawPage)> {
        if steps.len() > STEPS {
            self.index_problems()
                .error(None, format!("more than {STEPS} steps: the others are left out"));
            steps.truncate(STEPS);
        }
        let numbered = (1..).zip(steps).map(|(number, step)| (PageId::Step(number), step));
        let intro = intro.map(|page| (PageId::Intro, page));
        let finish = finish.map(|page| (PageId::Finish, page));
        intro.into_iter().chain(numbered).chain(finish).collect()
    }

    fn page(&mut self, id: PageId, raw: &RawPage, run_on_enter: bool) -> Page {
        Page {
            id,
            background: self.script(raw.background.as_deref()),
            foreground: self.script(raw.foreground.as_deref()),
            verify: self.script(raw.verify.as_deref()),
            solve: self.script(raw.solve.as_deref()),
            run_on_enter: raw.run_on_enter.unwrap_or(run_on_enter),
        }
    }

    fn script(&mut self, name: Option<&str>) -> Option<Script> {
        let name = name.filter(|name| !name.trim().is_empty())?;
        let read = self.dir.join(name).map_err(|outside| outside.to_string()).and_then(|file| {
            let text =
                read_text(self.files, &file, SCRIPT_BYTES).map_err(|error| error.to_string())?;
            Ok(Script { file, text })
        });
        read.map_err(|why| self.error_at(name, &format!("`{name}`: {why}"))).ok()
    }

    fn assets(&mut self, mut raw: Vec<RawAsset>) -> Vec<Asset> {
        if raw.len() > ASSETS {
            self.index_problems()
                .error(None, format!("more than {ASSETS} assets: the others are left out"));
            raw.truncate(ASSETS);
        }
        raw.into_iter().filter_map(|asset| self.asset(asset)).collect()
    }

    fn asset(&mut self, raw: RawAsset) -> Option<Asset> {
        let base = self.dir.join(Asset::BASE).ok()?;
        if base.join(&raw.file).ok().is_none_or(|file| file.below(&base).is_none()) {
            self.error_at(&raw.file, &format!("`{}` leads outside of `{}`", raw.file, Asset::BASE));
            return None;
        }
        let chmod = raw.chmod.map(|mode| mode.into_text()).and_then(|mode| match mode.parse() {
            Ok(mode) => Some(mode),
            Err(error) => {
                self.error_at(&mode, &format!("`{mode}`: {error}"));
                None
            }
        });
        Some(Asset { file: raw.file, target: raw.target, chmod })
    }

    fn call_to_action(&mut self, raw: Option<CallToAction>) -> Option<CallToAction> {
        let call = raw?;
        match url::Url::parse(&call.url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                Some(CallToAction { url: url.into(), ..call })
            }
            _ => {
                self.error_at(&call.url, &format!("`{}` is no http or https address", call.url));
                None
            }
        }
    }

    fn facts(&mut self, raw: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let (facts, odd): (BTreeMap<_, _>, _) =
            raw.into_iter().partition(|(name, _)| is_name(name));
        for name in BTreeMap::into_keys(odd) {
            self.error_at(
                &name,
                &format!("`{name}`: a fact's name is made of letters, digits and `_`"),
            );
        }
        facts
    }

    /// The languages that any page is translated to: directories named `_fr` beside the Markdown.
    fn languages(&self, raw: &[(PageId, RawPage)]) -> Vec<String> {
        let texts = raw.iter().filter_map(|(_, page)| self.dir.join(page.text.as_deref()?).ok());
        let mut dirs: Vec<FilePath> = texts.map(|text| text.parent()).collect();
        dirs.sort();
        dirs.dedup();
        let entries = dirs.iter().filter_map(|dir| self.files.list(dir).ok()).flatten();
        let mut languages: Vec<String> = entries
            .filter(|entry| entry.kind == EntryKind::Directory)
            .filter_map(|entry| {
                entry.name.strip_prefix('_').filter(|tag| is_language(tag)).map(ToOwned::to_owned)
            })
            .collect();
        languages.sort();
        languages.dedup();
        languages
    }

    /// Names the images that aren't there.
    fn check_shown(&mut self, shown: &BTreeMap<String, FilePath>) {
        for (name, path) in shown {
            let found = self.files.list(&path.parent()).unwrap_or_default();
            if !found.iter().any(|entry| entry.kind == EntryKind::File && entry.name == path.name())
            {
                let message = format!("the image `{name}` is not there");
                Problems::of(path, &mut self.problems).error(None, message);
            }
        }
    }

    fn error_at(&mut self, word: &str, message: &str) {
        let line = line_of(self.source, word);
        self.index_problems().error(line, message);
    }

    fn index_problems(&mut self) -> Problems<'_> {
        Problems::of(self.file, &mut self.problems)
    }
}

/// Whether a tag is a language's: `fr`, `pt-BR`.
fn is_language(tag: &str) -> bool {
    let (language, region) = tag.split_once(['-', '_']).unwrap_or((tag, "xx"));
    let is_alphabetic = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    matches!(language.len(), 2 | 3)
        && matches!(region.len(), 2..=4)
        && is_alphabetic(language)
        && is_alphabetic(region)
}
