//! The tutorials directory on disk: the only place of this crate that touches the system.
//!
//! Symbolic links are resolved before a file is opened, and whatever then lies outside of the directory is
//! refused. Whoever can swap a link in between can write tutorials anyway.

mod stamp;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::files::{Entry, EntryKind, FileError, Files};
use crate::path::FilePath;

pub use stamp::Stamp;

/// A directory of tutorials.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// Opens the directory.
    ///
    /// # Errors
    ///
    /// What the system says when `root` is no directory that can be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        std::fs::read_dir(&root)?;
        Ok(Self { root })
    }

    /// The directory, symbolic links resolved.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn resolve(&self, path: &FilePath) -> Result<PathBuf, FileError> {
        let resolved = self.root.join(path.as_str()).canonicalize()?;
        if resolved.starts_with(&self.root) { Ok(resolved) } else { Err(FileError::Outside) }
    }
}

impl Files for Disk {
    fn read(&self, path: &FilePath, limit: u64) -> Result<Vec<u8>, FileError> {
        let path = self.resolve(path)?;
        // Asked before it is opened: opening a pipe would wait for a writer.
        if !path.metadata()?.is_file() {
            return Err(FileError::NotAFile);
        }
        let mut content = Vec::new();
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut content)?;
        if content.len() as u64 > limit { Err(FileError::TooLarge { limit }) } else { Ok(content) }
    }

    fn list(&self, dir: &FilePath) -> Result<Vec<Entry>, FileError> {
        let mut entries = Vec::new();
        for entry in self.resolve(dir)?.read_dir()? {
            // A name that is no UTF-8 can't be written in an index.json.
            let Ok(name) = entry?.file_name().into_string() else { continue };
            // Neither can one be reached that leads outside, to nowhere, or to a device.
            let Ok(path) = dir.join(&name) else { continue };
            let Ok(metadata) = self.resolve(&path).and_then(|path| Ok(path.metadata()?)) else {
                continue;
            };
            let kind = match metadata.file_type() {
                kind if kind.is_dir() => EntryKind::Directory,
                kind if kind.is_file() => EntryKind::File,
                _ => continue,
            };
            entries.push(Entry { name, kind });
        }
        entries.sort();
        Ok(entries)
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            _ => Self::Other(error.to_string()),
        }
    }
}
