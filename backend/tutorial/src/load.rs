//! Reads one scenario directory.

use std::collections::BTreeMap;

use shared::tutorial::{Tutorial, TutorialPage, TutorialSummary};

use crate::extras;
use crate::files::{EntryKind, Files};
use crate::highlight::Highlighter;
use crate::index::{Details, RawPage, Words};
use crate::limits::{SCRIPT_BYTES, STEPS};
use crate::path::FilePath;
use crate::problem::{Problem, Problems};
use crate::scenario::{Page, PageId, Scenario, Script};
use crate::slug::Slug;
use crate::source::Source;
use crate::text::{Texts, languages};

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
        let (index, mut source) = Source::open(files, dir)?;
        let mut details = index.details.unwrap_or_default();
        let assets = details.assets.take().and_then(|assets| assets.host01).unwrap_or_default();
        let assets = extras::assets(assets, &mut source);
        let facts = extras::facts(index.facts.unwrap_or_default(), &mut source);
        let call_to_action =
            index.call_to_action.and_then(|raw| extras::call_to_action(raw, &mut source));

        let raw = raw_pages(details, &mut source);
        let run_on_enter = index.run_on_enter.unwrap_or(true);
        let pages: Vec<Page> =
            raw.iter().map(|(id, raw)| page(*id, raw, run_on_enter, &mut source)).collect();

        let slug = Slug::of(dir);
        let summary = TutorialSummary {
            slug: slug.to_string(),
            title: index.title,
            description: index.description.filter(|text| !text.trim().is_empty()),
            steps: Vec::new(),
            time: index.time.map(Words::into_text),
            difficulty: index.difficulty.map(Words::into_text),
        };
        let languages = languages(&raw, &source);
        let mut shown = BTreeMap::new();
        let mut texts = Texts { source: &mut source, slug: &slug, shown: &mut shown, highlighter };
        let mut tutorial = |lang: &str, is_translation: bool| {
            let pages = texts.pages(&raw, &pages, &summary.title, is_translation.then_some(lang));
            let summary = TutorialSummary { steps: step_titles(&pages), ..summary.clone() };
            Tutorial {
                summary,
                lang: lang.to_owned(),
                pages,
                call_to_action: call_to_action.clone(),
            }
        };
        let original = tutorial(index.lang.as_deref().unwrap_or("en"), false);
        let translations = languages
            .into_iter()
            .map(|lang| (lang.to_ascii_lowercase(), tutorial(&lang, true)))
            .collect();
        check_shown(&shown, &mut source);
        source.problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));

        Ok(Self {
            slug,
            dir: dir.clone(),
            imageid: index.backend.and_then(|backend| backend.imageid).filter(|id| !id.is_empty()),
            pages,
            assets,
            facts,
            files: shown,
            problems: source.problems,
            original,
            translations,
        })
    }
}

fn raw_pages(details: Details, source: &mut Source<'_>) -> Vec<(PageId, RawPage)> {
    let mut steps = details.steps.unwrap_or_default();
    source.limit(&mut steps, STEPS, "steps");
    let numbered = (1..).zip(steps).map(|(number, step)| (PageId::Step(number), step));
    let intro = details.intro.map(|page| (PageId::Intro, page));
    let finish = details.finish.map(|page| (PageId::Finish, page));
    intro.into_iter().chain(numbered).chain(finish).collect()
}

fn page(id: PageId, raw: &RawPage, run_on_enter: bool, source: &mut Source<'_>) -> Page {
    let mut script = |name: &Option<String>| {
        let name = name.as_deref().filter(|name| !name.trim().is_empty())?;
        source.named(name, SCRIPT_BYTES).map(|(file, text)| Script { file, text })
    };
    Page {
        id,
        background: script(&raw.background),
        foreground: script(&raw.foreground),
        verify: script(&raw.verify),
        solve: script(&raw.solve),
        run_on_enter: raw.run_on_enter.unwrap_or(run_on_enter),
    }
}

fn step_titles(pages: &[TutorialPage]) -> Vec<String> {
    let steps = pages.iter().filter(|page| matches!(page.id.parse(), Ok(PageId::Step(_))));
    steps.map(|page| page.title.clone()).collect()
}

/// Names the images that aren't there.
fn check_shown(shown: &BTreeMap<String, FilePath>, source: &mut Source<'_>) {
    for (name, path) in shown {
        let found = source.files.list(&path.parent()).unwrap_or_default();
        if !found.iter().any(|entry| entry.kind == EntryKind::File && entry.name == path.name()) {
            let message = format!("the image `{name}` is not there");
            Problems::of(path, &mut source.problems).error(None, message);
        }
    }
}
