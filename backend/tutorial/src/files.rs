//! The read-only set of files that tutorials are read from, so that parsing itself does no I/O.

use std::collections::BTreeMap;

use crate::path::FilePath;

/// Where tutorials are read from.
pub trait Files {
    /// The whole of a regular file.
    ///
    /// # Errors
    ///
    /// [`FileError::TooLarge`] when it has more than `limit` bytes, else what [`FileError`] says.
    fn read(&self, path: &FilePath, limit: u64) -> Result<Vec<u8>, FileError>;

    /// The files and directories in a directory, sorted by name.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`] when there is no such directory, else what [`FileError`] says.
    fn list(&self, dir: &FilePath) -> Result<Vec<Entry>, FileError>;
}

/// One row of a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, without the directory's.
    pub name: String,
    /// What it is, symbolic links followed.
    pub kind: EntryKind,
}

/// What a row of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
}

/// Why a file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is nothing of that name.
    #[error("not found")]
    NotFound,
    /// It leads outside of the tutorials directory, perhaps by a symbolic link.
    #[error("leads outside of the tutorials directory")]
    Outside,
    /// It has more bytes than are read.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: u64,
    },
    /// It is a device, a pipe, or a directory where a file was asked for.
    #[error("not a regular file")]
    NotAFile,
    /// What the system said.
    #[error("{0}")]
    Other(String),
}

/// Files held in memory: for tests, and for whoever has a tutorial but no directory.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(BTreeMap<FilePath, Vec<u8>>);

impl MemoryFiles {
    /// The same set with one more file; a path that leads outside is left out.
    #[must_use]
    pub fn with(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        if let Ok(path) = FilePath::root().join(path) {
            self.0.insert(path, content.into());
        }
        self
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &FilePath, limit: u64) -> Result<Vec<u8>, FileError> {
        match self.0.get(path) {
            Some(content) if content.len() as u64 > limit => Err(FileError::TooLarge { limit }),
            Some(content) => Ok(content.clone()),
            None if self.list(path).is_ok() => Err(FileError::NotAFile),
            None => Err(FileError::NotFound),
        }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Entry>, FileError> {
        let mut entries: Vec<Entry> = self
            .0
            .keys()
            .filter_map(|path| path.below(dir))
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => Entry { name: name.to_owned(), kind: EntryKind::Directory },
                None => Entry { name: rest.to_owned(), kind: EntryKind::File },
            })
            .collect();
        entries.dedup();
        if entries.is_empty() && dir != &FilePath::root() {
            Err(FileError::NotFound)
        } else {
            Ok(entries)
        }
    }
}
