//! A scenario directory while it is read: its index, the files that the index names, and what is wrong with them.

use crate::files::{FileError, Files};
use crate::index::{Index, Syntax, line_of};
use crate::limits::INDEX_BYTES;
use crate::path::FilePath;
use crate::problem::{Problem, Problems};

/// What an index is called; the first one found is read.
const INDEXES: [(&str, Syntax); 3] =
    [("index.json", Syntax::Json), ("index.yaml", Syntax::Yaml), ("index.yml", Syntax::Yaml)];

/// Whether a directory with a file of this name is a scenario's.
pub(crate) fn is_index(name: &str) -> bool {
    INDEXES.iter().any(|(index, _)| *index == name)
}

/// A scenario directory.
pub(crate) struct Source<'a> {
    pub files: &'a dyn Files,
    pub dir: &'a FilePath,
    /// Which file the index is.
    pub index: FilePath,
    /// What the index says, to find the line of a mistake.
    text: String,
    /// What the author should put right.
    pub problems: Vec<Problem>,
}

impl<'a> Source<'a> {
    /// Reads the index of a directory.
    ///
    /// # Errors
    ///
    /// The problems, when there is none that can be read.
    pub(crate) fn open(
        files: &'a dyn Files,
        dir: &'a FilePath,
    ) -> Result<(Index, Self), Vec<Problem>> {
        let mut problems = Vec::new();
        for (name, syntax) in INDEXES {
            let Ok(file) = dir.join(name) else { continue };
            let mut of_file = Problems::of(&file, &mut problems);
            match read_text(files, &file, INDEX_BYTES) {
                Ok(text) => {
                    let Some(index) = Index::parse(&text, syntax, &mut of_file) else {
                        return Err(problems);
                    };
                    return Ok((index, Self { files, dir, index: file, text, problems }));
                }
                Err(ReadError::File(FileError::NotFound)) => {}
                Err(error) => {
                    of_file.error(None, error.to_string());
                    return Err(problems);
                }
            }
        }
        Problems::of(dir, &mut problems)
            .error(None, "neither `index.json` nor `index.yaml` is here");
        Err(problems)
    }

    /// The text of a file that the index names; what keeps it from being read is a problem of the index.
    pub(crate) fn named(&mut self, name: &str, limit: u64) -> Option<(FilePath, String)> {
        let read = self.dir.join(name).map_err(|outside| outside.to_string()).and_then(|file| {
            let text = read_text(self.files, &file, limit).map_err(|error| error.to_string())?;
            Ok((file, text))
        });
        read.map_err(|why| self.error_at(name, format!("`{name}`: {why}"))).ok()
    }

    /// Says what is wrong with the index where it has `word`.
    pub(crate) fn error_at(&mut self, word: &str, message: impl Into<String>) {
        let line = line_of(&self.text, word);
        Problems::of(&self.index, &mut self.problems).error(line, message);
    }

    /// Cuts a list that is longer than is read, and says so.
    pub(crate) fn limit<T>(&mut self, list: &mut Vec<T>, limit: usize, what: &str) {
        if list.len() > limit {
            list.truncate(limit);
            self.error_at(what, format!("more than {limit} {what}: the others are left out"));
        }
    }
}

/// Why a text can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("not UTF-8")]
    NotUtf8,
}

/// A text without byte order mark, its line ends made `\n`.
pub(crate) fn read_text(
    files: &dyn Files,
    file: &FilePath,
    limit: u64,
) -> Result<String, ReadError> {
    let text = String::from_utf8(files.read(file, limit)?).map_err(|_| ReadError::NotUtf8)?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}
