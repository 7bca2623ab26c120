//! Each kind of mistake, and what the keys come to.

mod example;
mod keys;
mod layers;
mod people;
mod source;
mod web;

use std::{path::Path, time::Duration};

use super::*;
use crate::services::settings::Scope;

const SOURCE: &str = "[source.shell]\nimage = \"tryit-shell\"\n";

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(Some(("/etc/tryit/tryit.toml".into(), text.to_owned())), variables)
}

fn config(text: &str) -> Config {
    read(&format!("{text}\n{SOURCE}"), &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// What is said about a text that is followed by a source.
fn said(text: &str) -> String {
    read(&format!("{text}\n{SOURCE}"), &[]).unwrap_err().to_string()
}

/// What is said about a source's keys.
fn said_of_source(keys: &str) -> String {
    read(&format!("[source.shell]\n{keys}"), &[]).unwrap_err().to_string()
}
