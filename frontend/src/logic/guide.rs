//! Where the visitor is in the tutorial and what was done.

use std::collections::{BTreeMap, BTreeSet};

use shared::session::Progress;
use shared::tutorial::TutorialPage;

/// The visitor's way through the pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    page: usize,
    ran: BTreeMap<String, BTreeSet<u32>>,
    passed: BTreeSet<String>,
    restored: bool,
}

/// How a page is drawn in the row of dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dot {
    /// Left behind, or its check has passed.
    Done,
    /// The one that is read.
    Now,
    /// Ahead.
    Ahead,
}

impl Guide {
    /// The index of the page that is read.
    pub fn page(&self) -> usize {
        self.page
    }

    /// Takes over what the service knows. The page is taken only once: afterwards the reader turns the pages.
    pub fn merge(&mut self, progress: &Progress, pages: &[TutorialPage]) {
        for (page, step) in &progress.steps {
            self.ran.entry(page.clone()).or_default().extend(&step.ran);
            if step.passed {
                self.passed.insert(page.clone());
            }
        }
        if !self.restored
            && let Some(at) = pages.iter().position(|page| page.id == progress.page)
        {
            self.page = at;
        }
        self.restored = true;
    }

    /// Turns to a page; answers whether there is one.
    pub fn turn(&mut self, page: usize, pages: &[TutorialPage]) -> bool {
        let there = page < pages.len() && page != self.page;
        if there {
            self.page = page;
        }
        there
    }

    /// A command of a page was run.
    pub fn run(&mut self, page: &str, code: u32) {
        self.ran.entry(page.to_owned()).or_default().insert(code);
    }

    /// Whether a command of a page was run.
    pub fn has_run(&self, page: &str, code: u32) -> bool {
        self.ran.get(page).is_some_and(|codes| codes.contains(&code))
    }

    /// The commands of a page that were run.
    pub fn ran(&self, page: &str) -> Vec<u32> {
        self.ran.get(page).map(|codes| codes.iter().copied().collect()).unwrap_or_default()
    }

    /// A page's check has passed.
    pub fn pass(&mut self, page: &str) {
        self.passed.insert(page.to_owned());
    }

    /// Whether a page's check has passed.
    pub fn has_passed(&self, page: &str) -> bool {
        self.passed.contains(page)
    }

    /// One dot for each page.
    pub fn dots(&self, pages: &[TutorialPage]) -> Vec<Dot> {
        pages
            .iter()
            .enumerate()
            .map(|(at, page)| match at {
                at if at == self.page => Dot::Now,
                at if at < self.page || self.has_passed(&page.id) => Dot::Done,
                _ => Dot::Ahead,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::session::StepProgress;

    fn pages() -> Vec<TutorialPage> {
        ["intro", "1", "2", "finish"]
            .map(|id| TutorialPage {
                id: id.into(),
                title: id.into(),
                blocks: Vec::new(),
                enters: false,
                checks: true,
                solves: false,
                hint: Vec::new(),
            })
            .into()
    }

    fn progress(page: &str, passed: bool, ran: Vec<u32>) -> Progress {
        let steps = BTreeMap::from([("1".to_owned(), StepProgress { passed, ran })]);
        Progress { page: page.into(), steps }
    }

    #[test]
    fn a_reload_comes_back_to_the_page_and_its_marks() {
        let mut guide = Guide::default();
        guide.merge(&progress("2", true, vec![3]), &pages());
        assert_eq!(guide.page(), 2);
        assert!(guide.has_run("1", 3) && guide.has_passed("1") && !guide.has_run("1", 2));
    }

    #[test]
    fn later_views_add_marks_but_never_turn_the_page() {
        let mut guide = Guide::default();
        guide.merge(&progress("1", false, vec![]), &pages());
        assert!(guide.turn(2, &pages()));
        guide.run("1", 7);
        guide.merge(&progress("1", true, vec![1]), &pages());
        assert_eq!(guide.page(), 2);
        assert_eq!(guide.ran("1"), [1, 7]);
    }

    #[test]
    fn there_is_no_page_beyond_the_last() {
        let mut guide = Guide::default();
        assert!(!guide.turn(4, &pages()));
        assert!(!guide.turn(0, &pages()));
    }

    #[test]
    fn dots_show_what_is_behind_and_what_has_passed() {
        let mut guide = Guide::default();
        guide.turn(1, &pages());
        guide.pass("2");
        assert_eq!(guide.dots(&pages()), [Dot::Done, Dot::Now, Dot::Done, Dot::Ahead]);
    }
}
