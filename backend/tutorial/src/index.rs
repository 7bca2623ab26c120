//! `index.json` and `index.yaml` as authors write them, with Killercoda's, Katacoda's and our own keys.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::tutorial::CallToAction;

use crate::problem::Problems;

/// Keys of the formats that mean nothing here: known, so that lint is silent about them.
const UNUSED: [&str; 8] =
    ["type", "interface", "environment", "files", "credits", "icon", "port", "courseCompletion"];

/// How an index is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// `index.json`
    Json,
    /// `index.yaml`
    Yaml,
}

/// A whole index file.
#[derive(Debug, Deserialize)]
pub(crate) struct Index {
    pub title: String,
    pub description: Option<String>,
    pub time: Option<Words>,
    pub difficulty: Option<Words>,
    pub details: Option<Details>,
    pub backend: Option<Backend>,
    /// Ours: the language of the text, `en` when absent.
    pub lang: Option<String>,
    /// Ours: name → command whose output the page shows.
    pub facts: Option<BTreeMap<String, String>>,
    /// Ours: whether pages run their scripts when they are entered.
    pub run_on_enter: Option<bool>,
    /// Ours: a link shown at the end.
    pub call_to_action: Option<CallToAction>,
}

/// The pages and the files that they need.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Details {
    pub intro: Option<RawPage>,
    pub steps: Option<Vec<RawPage>>,
    pub finish: Option<RawPage>,
    pub assets: Option<Assets>,
}

/// One page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RawPage {
    pub title: Option<String>,
    pub text: Option<String>,
    #[serde(alias = "courseData")]
    pub background: Option<String>,
    #[serde(alias = "code")]
    pub foreground: Option<String>,
    pub verify: Option<String>,
    /// Ours, and Katacoda's: Markdown, or the name of a Markdown file.
    pub hint: Option<String>,
    /// Katacoda's: the same for the whole solution.
    pub answer: Option<String>,
    /// Ours: a script that does the step.
    pub solve: Option<String>,
    /// Ours: overrides the scenario's.
    pub run_on_enter: Option<bool>,
}

/// Files to put into the container, by host.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Assets {
    #[serde(alias = "client")]
    pub host01: Option<Vec<RawAsset>>,
}

/// Files to put into the container.
#[derive(Debug, Deserialize)]
pub(crate) struct RawAsset {
    pub file: String,
    pub target: String,
    pub chmod: Option<Words>,
}

/// What it runs in.
#[derive(Debug, Deserialize)]
pub(crate) struct Backend {
    pub imageid: Option<String>,
}

/// A text that some authors write as a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Words {
    Text(String),
    Number(serde_json::Number),
}

impl Words {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Index {
    /// Reads an index; what can't be read is an error in `problems`, what is not known a warning.
    pub(crate) fn parse(source: &str, syntax: Syntax, problems: &mut Problems<'_>) -> Option<Self> {
        let mut ignored = Vec::new();
        let mut note =
            |path: serde_ignored::Path<'_>| ignored.push(path.to_string().replace(".?", ""));
        let index = match syntax {
            Syntax::Json => {
                let mut json = serde_json::Deserializer::from_str(source);
                serde_ignored::deserialize::<_, _, Self>(&mut json, &mut note)
                    .and_then(|index| json.end().map(|()| index))
                    .map_err(|error| (Some(error.line()), error.to_string()))
            }
            Syntax::Yaml => yaml(source).and_then(|value| {
                serde_ignored::deserialize(value, &mut note)
                    .map_err(|error| (None, error.to_string()))
            }),
        };
        for key in ignored {
            let name = key.rsplit('.').next().unwrap_or(&key);
            if !UNUSED.contains(&name) {
                problems.warn(
                    line_of(source, name),
                    format!("the key `{key}` is not known and is ignored"),
                );
            }
        }
        index.map_err(|(line, message)| problems.error(line, message)).ok()
    }
}

/// YAML without aliases: a page of them can stand for gigabytes.
fn yaml(source: &str) -> Result<serde_json::Value, (Option<usize>, String)> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_aliases: 0, max_anchors: 0, max_documents: 1 },
    };
    serde_saphyr::from_str_with_options(source, options).map_err(|error| {
        let line = error.location().map(|location| location.line() as usize);
        (line, error.to_string())
    })
}

/// The first line, from 1, that has `word` between quotes or blanks: where an author will look for it.
pub(crate) fn line_of(source: &str, word: &str) -> Option<usize> {
    let is_whole = |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + word.len()..].chars().next();
            let ends =
                |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || "_-./".contains(c)));
            ends(before) && ends(after)
        })
    };
    source.lines().position(is_whole).map(|line| line + 1)
}
