//! What tells one state of a tutorials directory from another, without reading a file.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Files that are looked at; of a directory with more, what is further down may change unnoticed.
const MOST: usize = 50_000;

/// A state of a directory. Compared with others of this process only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64);

impl Stamp {
    /// Looks at everything below `root`, symbolic links followed as far as they stay within: names, sizes, and when content
    /// or anything else changed last.
    ///
    /// # Errors
    ///
    /// What the system says when `root` is no directory that can be read.
    pub fn of(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let mut look = Look { hasher: DefaultHasher::new(), left: MOST, seen: BTreeSet::new() };
        root.hash(&mut look.hasher);
        fs::read_dir(&root)?;
        look.directory(&root, &root);
        Ok(Self(look.hasher.finish()))
    }
}

struct Look {
    hasher: DefaultHasher,
    left: usize,
    /// Directories by their true path: a link may lead back.
    seen: BTreeSet<PathBuf>,
}

impl Look {
    /// What can't be looked at is as good as not there.
    fn directory(&mut self, root: &Path, directory: &Path) {
        let Ok(truly) = directory.canonicalize() else { return };
        if !truly.starts_with(root) || !self.seen.insert(truly) {
            return;
        }
        let Ok(entries) = directory.read_dir() else { return };
        let paths: BTreeSet<_> = entries.flatten().map(|entry| entry.path()).collect();
        for path in paths {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            path.hash(&mut self.hasher);
            let Ok(file) = fs::metadata(&path) else { continue };
            let changed = (file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec());
            (file.dev(), file.ino(), file.len(), changed).hash(&mut self.hasher);
            if file.is_dir() {
                self.directory(root, &path);
            }
        }
    }
}
