//! The file and the environment's variables over it, as one table that still knows where each value was written.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use super::error::{ConfigError, Mistake, Place};

/// What every variable begins with.
pub(super) const PREFIX: &str = "TRYIT_";

/// The variable that names the file, and so is no key.
pub(super) const FILE_VARIABLE: &str = "TRYIT_CONFIG";

/// The variable that holds an operator's token, and so is no key either.
pub(in crate::cli) const TOKEN_VARIABLE: &str = "TRYIT_TOKEN";

/// One table made of all layers.
pub(super) struct Layers {
    /// The values.
    pub table: Table,
    /// Variables that begin like ours and name no table or key of ours: not ours after all.
    pub ignored: Vec<String>,
    file: Option<(PathBuf, String)>,
    variables: BTreeMap<String, String>,
}

impl Layers {
    /// Reads the file's text, then lays the variables over it.
    ///
    /// `TRYIT_SESSION__DURATION` is the key `session.duration`. A variable whose first part is none of `known` is
    /// left alone: container platforms set some like `TRYIT_PORT` on their own account.
    pub fn read(
        file: Option<(PathBuf, String)>,
        variables: impl IntoIterator<Item = (String, String)>,
        known: &[&str],
    ) -> Result<Self, ConfigError> {
        let table = match &file {
            None => Table::new(),
            Some((path, text)) => text.parse().map_err(|error: toml::de::Error| ConfigError {
                place: Place::File {
                    path: path.clone(),
                    line: error.span().map(|span| line_of(text, span.start)),
                },
                key: String::new(),
                message: format!("this is no TOML: {}", error.message()),
            })?,
        };
        let mut layers = Self { table, ignored: Vec::new(), file, variables: BTreeMap::new() };
        let mut variables: Vec<_> =
            variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        variables.sort();
        let is_key = |name: &str| name != FILE_VARIABLE && name != TOKEN_VARIABLE;
        for (name, text) in variables.into_iter().filter(|(name, _)| is_key(name)) {
            let parts: Vec<_> = name[PREFIX.len()..].split("__").map(str::to_lowercase).collect();
            if !known.contains(&parts[0].as_str()) {
                layers.ignored.push(name);
                continue;
            }
            let key =
                set(&mut layers.table, &parts, value(&text)).map_err(|mistake| ConfigError {
                    place: Place::Variable(name.clone()),
                    key: mistake.key,
                    message: mistake.message,
                })?;
            layers.variables.insert(key, name);
        }
        Ok(layers)
    }

    /// Says where a mistake was made.
    pub fn locate(&self, mistake: Mistake) -> ConfigError {
        let place =
            self.variable(&mistake.key).map(Place::Variable).unwrap_or_else(|| match &self.file {
                Some((path, text)) => {
                    Place::File { path: path.clone(), line: line_of_key(text, &mistake.key) }
                }
                None => Place::Nowhere,
            });
        ConfigError { place, key: mistake.key, message: mistake.message }
    }

    /// The variable that set the key, a table around it, or something in it.
    fn variable(&self, key: &str) -> Option<String> {
        let covers = |outer: &str, inner: &str| {
            inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let set_it = |set: &str| covers(set, key) || !key.is_empty() && covers(key, set);
        self.variables.iter().find(|(set, _)| set_it(set)).map(|(_, name)| name.clone())
    }

    /// The directory that relative paths are relative to: the file's.
    pub fn base(&self) -> &Path {
        self.file.as_ref().and_then(|(path, _)| path.parent()).unwrap_or(Path::new(""))
    }
}

/// Sets one key, making the tables around it; the key as it is written in the file.
fn set(table: &mut Table, parts: &[String], value: Value) -> Result<String, Mistake> {
    let [first, rest @ ..] = parts else { return Ok(String::new()) };
    if first.is_empty() {
        return Err(Mistake::new(
            "",
            "expected a name like TRYIT_SESSION__DURATION for the key `session.duration`",
        ));
    }
    // A name in the file may hold what a variable's name can't: capitals and hyphens.
    let same = |key: &&String| key.to_lowercase().replace('-', "_") == *first;
    let key = table.keys().find(same).unwrap_or(first).clone();
    if rest.is_empty() {
        table.insert(key.clone(), value);
        return Ok(key);
    }
    match table.entry(&key).or_insert_with(|| Value::Table(Table::new())) {
        Value::Table(inner) => set(inner, rest, value)
            .map(|path| format!("{key}.{path}"))
            .map_err(|mistake| mistake.within(&key)),
        _ => Err(Mistake::new(key, "is no table, so nothing in it can be set")),
    }
}

/// A variable's value: what TOML reads (`8`, `true`, `["a"]`), else the text as it is (`10m`).
fn value(text: &str) -> Value {
    text.parse().unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The line of the key, or of the innermost table around it that the file has.
fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let document =
        toml::Spanned::new(0..0, DeValue::Table(DeTable::parse(text).ok()?.into_inner()));
    let mut value = &document;
    let mut at = None;
    for part in key.split(['.', '[']).map(|part| part.trim_end_matches(']')) {
        let inner = match value.get_ref() {
            DeValue::Table(table) => {
                table.get_key_value(part).map(|(key, value)| (key.span().start, value))
            }
            DeValue::Array(array) => {
                let index = part.parse::<usize>().ok();
                index.and_then(|index| array.get(index)).map(|value| (value.span().start, value))
            }
            _ => None,
        };
        let Some((start, inner)) = inner else { break };
        at = Some(start);
        value = inner;
    }
    at.map(|start| line_of(text, start))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}
