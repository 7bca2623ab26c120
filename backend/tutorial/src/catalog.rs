//! All scenarios of a directory, however deep.

use serde::Deserialize;
use shared::tutorial::TutorialSummary;

use crate::files::{Entry, EntryKind, Files};
use crate::highlight::Highlighter;
use crate::limits::{DIRECTORIES, DIRECTORY_DEPTH, INDEX_BYTES, SCENARIOS};
use crate::path::FilePath;
use crate::problem::{Problem, Problems};
use crate::scenario::Scenario;
use crate::source::{is_index, read_text};

/// What orders the scenarios of a directory.
const STRUCTURE: &str = "structure.json";

/// The scenarios of a tutorials directory.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    scenarios: Vec<Scenario>,
    /// What was wrong with directories that are no scenario: those of a scenario are with it.
    pub problems: Vec<Problem>,
}

#[derive(Deserialize)]
struct Structure {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    path: String,
}

impl Catalog {
    /// Reads every scenario below the root of `files`: each directory with an `index.json` or `index.yaml`, in the
    /// order of the `structure.json` files, else by name. Hidden directories are passed over.
    #[must_use]
    pub fn load(files: &dyn Files) -> Self {
        Self::load_after(files, &Self::default())
    }

    /// The same, where `before` was there. A scenario that has lost what it needs stays as it was before: an author who is
    /// in the middle of something takes it away from nobody.
    #[must_use]
    pub fn load_after(files: &dyn Files, before: &Self) -> Self {
        let mut search = Search {
            files,
            before,
            highlighter: Highlighter::default(),
            directories: 0,
            catalog: Self::default(),
        };
        search.directory(&FilePath::root(), 0);
        search.catalog
    }

    /// All scenarios, in their order.
    #[must_use]
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// The scenario of that name in URLs.
    #[must_use]
    pub fn get(&self, slug: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.slug.as_str() == slug)
    }

    /// One row for each scenario, in `lang` where there is a translation.
    #[must_use]
    pub fn summaries(&self, lang: Option<&str>) -> Vec<TutorialSummary> {
        self.scenarios.iter().map(|scenario| scenario.tutorial(lang).summary.clone()).collect()
    }

    /// Everything that authors should put right.
    pub fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().chain(self.scenarios.iter().flat_map(|scenario| &scenario.problems))
    }
}

struct Search<'a> {
    files: &'a dyn Files,
    before: &'a Catalog,
    highlighter: Highlighter,
    /// How many have been searched.
    directories: usize,
    catalog: Catalog,
}

impl Search<'_> {
    fn directory(&mut self, dir: &FilePath, depth: usize) {
        self.directories += 1;
        if self.directories > DIRECTORIES || self.catalog.scenarios.len() >= SCENARIOS {
            let message = format!(
                "more than {SCENARIOS} tutorials or {DIRECTORIES} directories: the others are left out"
            );
            return Problems::of(&FilePath::root(), &mut self.catalog.problems)
                .error(None, message);
        }
        let entries = match self.files.list(dir) {
            Ok(entries) => entries,
            Err(error) => {
                return Problems::of(dir, &mut self.catalog.problems)
                    .error(None, error.to_string());
            }
        };
        let has =
            |is: fn(&str) -> bool| entries.iter().any(|e| e.kind == EntryKind::File && is(&e.name));
        if has(is_index) {
            return self.scenario(dir);
        }
        let order = if has(|name| name == STRUCTURE) { self.order(dir) } else { Vec::new() };
        for name in ordered(entries, &order) {
            match dir.join(&name) {
                Ok(dir) if depth < DIRECTORY_DEPTH => self.directory(&dir, depth + 1),
                _ => {}
            }
        }
    }

    fn scenario(&mut self, dir: &FilePath) {
        match self.load_or_keep(dir) {
            Ok(scenario) => match self.catalog.get(scenario.slug.as_str()) {
                None => self.catalog.scenarios.push(scenario),
                Some(first) => {
                    let message =
                        format!("has the same name in URLs as `{}`, and is left out", first.dir);
                    Problems::of(dir, &mut self.catalog.problems).error(None, message);
                }
            },
            Err(problems) => self.catalog.problems.extend(problems),
        }
    }

    /// The scenario as it is now, unless it is broken and was not before.
    fn load_or_keep(&mut self, dir: &FilePath) -> Result<Scenario, Vec<Problem>> {
        let loaded = Scenario::load(self.files, dir, &mut self.highlighter);
        let whole = self.before.scenarios.iter().find(|old| &old.dir == dir && !old.is_broken());
        match (loaded, whole) {
            (Ok(new), Some(old)) if new.is_broken() => Ok(self.keep(old, new.problems)),
            (Err(problems), Some(old)) => Ok(self.keep(old, problems)),
            (loaded, _) => loaded,
        }
    }

    fn keep(&mut self, old: &Scenario, problems: Vec<Problem>) -> Scenario {
        self.catalog.problems.extend(problems);
        Problems::of(&old.dir, &mut self.catalog.problems)
            .warn(None, "is shown as it was before, until this is put right");
        old.clone()
    }

    /// The names that a `structure.json` lists.
    fn order(&mut self, dir: &FilePath) -> Vec<String> {
        let Ok(file) = dir.join(STRUCTURE) else { return Vec::new() };
        let structure =
            read_text(self.files, &file, INDEX_BYTES).map_err(|error| error.to_string()).and_then(
                |text| serde_json::from_str::<Structure>(&text).map_err(|error| error.to_string()),
            );
        match structure {
            Ok(structure) => structure.items.into_iter().map(|item| item.path).collect(),
            Err(why) => {
                Problems::of(&file, &mut self.catalog.problems).error(None, why);
                Vec::new()
            }
        }
    }
}

/// The directories among `entries`: first those that `order` names, then the others by name.
fn ordered(entries: Vec<Entry>, order: &[String]) -> Vec<String> {
    let is_searched = |entry: &Entry| {
        entry.kind == EntryKind::Directory
            && !entry.name.starts_with(['.', '_'])
            && entry.name != "node_modules"
    };
    let mut names: Vec<String> =
        entries.into_iter().filter(is_searched).map(|entry| entry.name).collect();
    let place =
        |name: &String| order.iter().position(|listed| listed.trim_matches(['.', '/']) == name);
    // Stable: what isn't listed keeps the order of names.
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    names
}
