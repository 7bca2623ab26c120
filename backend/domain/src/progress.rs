//! Where a visitor is in the tutorial, and what was done there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    num::NonZeroU16,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::id::InvalidId;

/// A page of a tutorial: `intro`, `1` … `n` or `finish`. Sorts as the visitor reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PageName {
    /// Before the first step.
    Intro,
    /// A step, from 1.
    Step(NonZeroU16),
    /// After the last step.
    Finish,
}

impl fmt::Display for PageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intro => f.write_str("intro"),
            Self::Step(n) => n.fmt(f),
            Self::Finish => f.write_str("finish"),
        }
    }
}

impl FromStr for PageName {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "intro" => Some(Self::Intro),
            "finish" => Some(Self::Finish),
            // One way to write each number: `01` or `+1` would be other keys for the same page.
            _ if text.starts_with(|c: char| matches!(c, '1'..='9')) => {
                text.parse().map(Self::Step).ok()
            }
            _ => None,
        }
        .ok_or(InvalidId("expected a page: intro, a step's number, or finish"))
    }
}

impl TryFrom<String> for PageName {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<PageName> for String {
    fn from(page: PageName) -> Self {
        page.to_string()
    }
}

/// What was done, page by page. Bounded: [`Progress::MAX_PAGES`] pages of [`Progress::MAX_RAN`] commands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Progress(BTreeMap<PageName, PageProgress>);

/// What was done on one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageProgress {
    /// Whether its scripts were started; they run once.
    #[serde(default)]
    pub entered: bool,
    /// Whether its check has passed.
    #[serde(default)]
    pub passed: bool,
    /// Its commands that were run, by their number on the page.
    #[serde(default)]
    pub ran: BTreeSet<u32>,
}

impl Progress {
    /// Pages that are remembered; a further one is forgotten.
    pub const MAX_PAGES: usize = 100;
    /// Commands of a page that are remembered; a further one is forgotten.
    pub const MAX_RAN: usize = 64;

    /// The pages where something was done, in reading order.
    pub fn pages(&self) -> impl Iterator<Item = (PageName, &PageProgress)> {
        self.0.iter().map(|(page, progress)| (*page, progress))
    }

    /// What was done on `page`, if anything.
    pub fn page(&self, page: PageName) -> Option<&PageProgress> {
        self.0.get(&page)
    }

    /// Adds commands to those known to have run.
    pub fn mark_ran(&mut self, page: PageName, commands: &[u32]) {
        if commands.is_empty() {
            return;
        }
        let Some(progress) = self.entry(page) else { return };
        for &command in commands {
            if progress.ran.len() < Self::MAX_RAN {
                progress.ran.insert(command);
            }
        }
    }

    /// Notes that the page's check has passed.
    pub fn mark_passed(&mut self, page: PageName) {
        if let Some(progress) = self.entry(page) {
            progress.passed = true;
        }
    }

    /// Notes that the page was entered; true the first time.
    pub fn mark_entered(&mut self, page: PageName) -> bool {
        self.entry(page).is_some_and(|progress| !std::mem::replace(&mut progress.entered, true))
    }

    /// Takes that back: the page's scripts could not be started.
    pub fn forget_entered(&mut self, page: PageName) {
        if let Some(progress) = self.0.get_mut(&page) {
            progress.entered = false;
        }
    }

    /// Takes it back for all pages: the visitor has another container, where nothing was run yet.
    pub fn forget_all_entered(&mut self) {
        self.0.values_mut().for_each(|progress| progress.entered = false);
    }

    fn entry(&mut self, page: PageName) -> Option<&mut PageProgress> {
        if self.0.len() >= Self::MAX_PAGES && !self.0.contains_key(&page) {
            return None;
        }
        Some(self.0.entry(page).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> PageName {
        text.parse().unwrap()
    }

    #[test]
    fn a_page_has_one_way_to_be_written() {
        for text in ["intro", "1", "42", "65535", "finish"] {
            assert_eq!(page(text).to_string(), text);
        }
        for wrong in ["", "0", "01", "+1", "-1", "65536", "Intro", "1 ", "step1"] {
            assert!(wrong.parse::<PageName>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn pages_sort_as_they_are_read() {
        assert!(page("intro") < page("2") && page("2") < page("10") && page("10") < page("finish"));
    }

    #[test]
    fn a_page_is_entered_once() {
        let mut progress = Progress::default();
        assert!(progress.mark_entered(page("1")));
        assert!(!progress.mark_entered(page("1")));
        progress.forget_entered(page("1"));
        assert!(progress.mark_entered(page("1")), "unless its scripts could not be started");
        progress.mark_passed(page("2"));
        progress.forget_all_entered();
        assert!(progress.mark_entered(page("1")), "or the container is another one");
        assert!(progress.page(page("2")).unwrap().passed);
    }

    #[test]
    fn memory_is_bounded() {
        let mut progress = Progress::default();
        progress.mark_ran(page("1"), &(0..10_000).collect::<Vec<_>>());
        assert_eq!(progress.page(page("1")).unwrap().ran.len(), Progress::MAX_RAN);
        for n in 1..=1000_u32 {
            progress.mark_passed(page(&n.to_string()));
        }
        assert_eq!(progress.pages().count(), Progress::MAX_PAGES);
        progress.mark_passed(page("1"));
        assert!(progress.page(page("1")).unwrap().passed, "a known page is still written");
    }
}
