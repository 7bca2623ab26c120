//! A scenario as the service uses it: the text for the browser, and what stays on the server.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use shared::tutorial::Tutorial;

use crate::path::FilePath;
use crate::problem::{Problem, Severity};
use crate::slug::Slug;

/// One tutorial.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name in URLs.
    pub slug: Slug,
    /// Its directory.
    pub dir: FilePath,
    /// What kind of machine it wants, in its author's words; the configuration maps it to a source.
    pub imageid: Option<String>,
    /// Intro, steps and finish, in order; the same pages as those of each [`Tutorial`].
    pub pages: Vec<Page>,
    /// Files to put into the container before the scripts run.
    pub assets: Vec<Asset>,
    /// Name → command to run in the container; its output is shown to the visitor.
    pub facts: BTreeMap<String, String>,
    /// The files that its pages show, by their name in URLs: the only ones that may be served.
    pub files: BTreeMap<String, FilePath>,
    /// What its author should put right.
    pub problems: Vec<Problem>,
    /// The text in its own language.
    pub(crate) original: Tutorial,
    /// The text in other languages.
    pub(crate) translations: BTreeMap<String, Tutorial>,
}

impl Scenario {
    /// Whether something that it needs is missing.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The text in `lang` (a language tag: `de`, `pt-BR`), else in the plain language (`pt`), else as it was
    /// written.
    #[must_use]
    pub fn tutorial(&self, lang: Option<&str>) -> &Tutorial {
        let lang = lang.unwrap_or(&self.original.lang).to_ascii_lowercase();
        let plain = lang.split('-').next().unwrap_or(&lang);
        let find = |lang: &str| self.translations.get(lang);
        find(&lang).or_else(|| find(plain)).unwrap_or(&self.original)
    }

    /// A page's scripts.
    #[must_use]
    pub fn page(&self, id: PageId) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// Where the file is that a page shows under `name`.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&FilePath> {
        self.files.get(name)
    }
}

/// What of a page stays on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which page.
    pub id: PageId,
    /// Runs hidden when the page is entered.
    pub background: Option<Script>,
    /// Is typed into the visitor's shell when the page is entered.
    pub foreground: Option<Script>,
    /// Ends with 0 when the page's task is done.
    pub verify: Option<Script>,
    /// Does the page's task.
    pub solve: Option<Script>,
    /// Whether entering the page runs `background` and `foreground`.
    pub run_on_enter: bool,
}

/// A script, its line ends made `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Where it was read from.
    pub file: FilePath,
    /// What it says.
    pub text: String,
}

/// Files to put into the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// What to take, relative to [`Asset::BASE`]; may have `*` and `**`.
    pub file: String,
    /// The directory (or, for a single file, the name) that it gets; may begin with `~/`.
    pub target: String,
    /// What `chmod` is told about it.
    pub chmod: Option<Chmod>,
}

impl Asset {
    /// The directory of a scenario that assets are in.
    pub const BASE: &str = "assets";
}

/// A mode as `chmod` takes it: `0755`, `+x`, `u=rw,go=r`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chmod(String);

/// The text is no mode that `chmod` would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a mode like `0755` or `+x`")]
pub struct NotAMode;

impl Chmod {
    /// The argument for `chmod`: no option, no blank, nothing that a shell would change.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Chmod {
    type Err = NotAMode;

    fn from_str(text: &str) -> Result<Self, NotAMode> {
        let octal =
            (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
        let symbolic = text.split(',').all(|clause| {
            let rest = clause.trim_start_matches(['u', 'g', 'o', 'a']);
            // `-w` without a leading `u`, `g`, `o` or `a` would be read as an option.
            let operator = if rest.len() < clause.len() { "+-=" } else { "+=" };
            rest.starts_with(|c| operator.contains(c))
                && rest[1..].bytes().all(|b| b"rwxXst".contains(&b))
        });
        if octal || symbolic { Ok(Self(text.to_owned())) } else { Err(NotAMode) }
    }
}

/// Which page of a tutorial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageId {
    /// Before the first step.
    Intro,
    /// A step, from 1.
    Step(u16),
    /// After the last step.
    Finish,
}

/// The text names no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `intro`, `finish` or a step's number")]
pub struct NotAPage;

impl fmt::Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intro => f.write_str("intro"),
            Self::Step(number) => number.fmt(f),
            Self::Finish => f.write_str("finish"),
        }
    }
}

impl FromStr for PageId {
    type Err = NotAPage;

    fn from_str(text: &str) -> Result<Self, NotAPage> {
        match text {
            "intro" => Ok(Self::Intro),
            "finish" => Ok(Self::Finish),
            // One spelling each: `01` and `+1` are other strings to whoever compares them.
            _ if text.starts_with(|c: char| c.is_ascii_digit() && c != '0') => {
                text.parse().map(Self::Step).map_err(|_| NotAPage)
            }
            _ => Err(NotAPage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_spelling() {
        for text in ["intro", "1", "200", "finish"] {
            assert_eq!(text.parse::<PageId>().unwrap().to_string(), text);
        }
        for text in ["", "0", "01", "+1", "-1", "70000", "Intro", "1 "] {
            assert_eq!(text.parse::<PageId>(), Err(NotAPage), "{text:?}");
        }
    }

    #[test]
    fn a_mode_is_one_argument_and_no_option() {
        for mode in ["+x", "0755", "644", "u+x", "a=rX", "u=rw,go=r", "go-w"] {
            assert!(mode.parse::<Chmod>().is_ok(), "{mode}");
        }
        for mode in ["", "-x", "--reference=/etc", "755 /etc", "0999", "+x;id", "u", "77777"] {
            assert!(mode.parse::<Chmod>().is_err(), "{mode}");
        }
    }
}
