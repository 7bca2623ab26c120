//! A tutorial as typed blocks: parsed, sanitised and highlighted in the backend, so that the browser needs no
//! Markdown parser and trusts no author.

use serde::{Deserialize, Serialize};

use crate::flat::{FlatBlock, FlatInline};

/// One of the items of `GET /tutorials`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TutorialSummary {
    /// Its name in URLs: the path of its directory below the tutorials directory.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// One or two sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Titles of its steps, intro and finish not among them.
    pub steps: Vec<String>,
    /// How long it takes, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// How hard it is, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<String>,
}

/// `GET /tutorials/{slug}`: one whole tutorial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tutorial {
    /// What the list says of it.
    #[serde(flatten)]
    pub summary: TutorialSummary,
    /// The language of the text.
    pub lang: String,
    /// Intro, steps and finish, in order; only those that there are.
    pub pages: Vec<TutorialPage>,
    /// Shown at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_to_action: Option<CallToAction>,
}

/// A link to follow after the tutorial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallToAction {
    /// What the link says.
    pub text: String,
    /// An http(s) address.
    pub url: String,
}

/// One page of a tutorial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TutorialPage {
    /// `intro`, `1` … `n` or `finish`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub blocks: Vec<Block>,
    /// Whether it has scripts that run when it is entered.
    pub enters: bool,
    /// Whether it can be checked.
    pub checks: bool,
    /// Whether the service can do it for the visitor.
    pub solves: bool,
    /// Help that opens on demand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hint: Vec<Block>,
}

/// A block of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "FlatBlock")]
pub enum Block {
    /// A heading within a page.
    Heading {
        /// 2 to 6 (the page's title is 1).
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph {
        /// Its text.
        content: Vec<Inline>,
    },
    /// A list.
    List {
        /// The first number; absent for bullets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<u64>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
    /// A quotation.
    Quote {
        /// What is quoted.
        blocks: Vec<Block>,
    },
    /// Code of one or more lines.
    Code {
        /// The code and what can be done with it.
        code: Code,
    },
    /// Something that opens on a click.
    Details {
        /// What is seen before.
        summary: Vec<Inline>,
        /// Whether it starts open.
        open: bool,
        /// What opens.
        blocks: Vec<Block>,
    },
    /// A table.
    Table {
        /// The cells of the header.
        head: Vec<Vec<Inline>>,
        /// The cells of each row.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// Anything else, sanitised: no script, no style, no form, no remote image, no action inside.
    Html {
        /// A balanced fragment.
        html: String,
    },
    /// A thematic break.
    Rule,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "FlatInline")]
pub enum Inline {
    /// Sanitised, balanced, no action inside.
    Html {
        /// The fragment.
        html: String,
    },
    /// Code that can be run or copied.
    Code {
        /// The code and what can be done with it.
        code: Code,
    },
    /// Emphasis or a link around code that can be run or copied.
    Styled {
        /// How it looks.
        style: Style,
        /// What is inside.
        content: Vec<Inline>,
    },
}

/// How a styled piece looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Emphasis.
    Emphasis,
    /// Strong emphasis.
    Strong,
    /// Struck through.
    Strikethrough,
    /// A link to an http(s) address.
    Link {
        /// The address.
        href: String,
    },
}

/// Code, and what can be done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Its number on the page, from 0: what `progress` calls it.
    pub id: u32,
    /// What is typed or copied.
    pub text: String,
    /// The same as safe HTML with `<span class="hl-…">` for colours; absent where there is nothing to colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The language of the fence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Whether it has a copy button.
    pub copy: bool,
    /// What a click runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<Exec>,
}

/// How code is run when it is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    /// The number of the terminal that it runs in.
    pub terminal: u8,
    /// Whether Ctrl-C comes first.
    pub interrupt: bool,
    /// Whether Enter is pressed after it.
    pub newline: bool,
    /// Whether the text names keys (`^C`, `^ESC`) to be pressed.
    pub keys: bool,
}
