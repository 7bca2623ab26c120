//! Where the configuration's file is looked for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    error::{ConfigError, Place},
    layers::FILE_VARIABLE,
};

/// Looked for in this order where no file is named.
pub(super) const USUAL: &[&str] = &["tryit.toml", "/etc/tryit/tryit.toml"];

/// The file's path and text; none when no file is named and none is at the usual places.
///
/// # Errors
///
/// A named file that is not there, and any file that can't be read.
pub(super) fn read(
    explicit: Option<&Path>,
    variables: &[(String, String)],
) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let variable =
        variables.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, value)| Path::new(value));
    if let Some(path) = explicit.or(variable) {
        return text_of(path).and_then(|text| match text {
            Some(text) => Ok(Some((path.to_owned(), text))),
            None => Err(unreadable(path, "there is no such file".to_owned())),
        });
    }
    for path in USUAL.iter().map(Path::new) {
        if let Some(text) = text_of(path)? {
            return Ok(Some((path.to_owned(), text)));
        }
    }
    Ok(None)
}

/// The file's text, or none where there is no file.
fn text_of(path: &Path) -> Result<Option<String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, format!("can't be read: {error}"))),
    }
}

fn unreadable(path: &Path, message: String) -> ConfigError {
    ConfigError {
        place: Place::File { path: path.to_owned(), line: None },
        key: String::new(),
        message,
    }
}
