//! A path inside the tutorials directory: relative, normalised, unable to say anything outside of it.

use std::fmt;

/// A normalised relative path, its parts joined by `/`; empty for the tutorials directory itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(String);

/// The path leads out of the tutorials directory, or is no path at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("leads outside of the tutorials directory")]
pub struct Outside;

impl FilePath {
    /// The tutorials directory itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// What `relative` means to a file in this directory: `.` and `..` are resolved, a leading `/` is ignored as
    /// Katacoda did.
    ///
    /// # Errors
    ///
    /// [`Outside`] when `..` climbs above the root, or when a part could mean something else to a file system
    /// (a NUL or a backslash).
    pub fn join(&self, relative: &str) -> Result<Self, Outside> {
        if relative.contains(['\0', '\\']) {
            return Err(Outside);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(Outside)?;
                }
                name => parts.push(name),
            }
        }
        Ok(Self(parts.join("/")))
    }

    /// The directory that this path is in; the root's is the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or_else(String::new, |(parent, _)| parent.to_owned()))
    }

    /// The last part; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// What remains of this path below `dir`, or nothing when it isn't below it.
    #[must_use]
    pub fn below(&self, dir: &Self) -> Option<&str> {
        if dir.0.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&dir.0)?.strip_prefix('/')
    }

    /// The parts, outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The whole path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FilePath {
        FilePath::root().join(text).unwrap()
    }

    #[test]
    fn resolves_dots_within_the_root() {
        assert_eq!(path("course/one").join("../shared/./a.png"), Ok(path("course/shared/a.png")));
        assert_eq!(path("a//b/").as_str(), "a/b");
        assert_eq!(path("a").join("/b.md"), Ok(path("a/b.md")));
    }

    #[test]
    fn refuses_to_climb_above_the_root() {
        assert_eq!(path("a").join("../../etc/passwd"), Err(Outside));
        assert_eq!(FilePath::root().join(".."), Err(Outside));
        assert_eq!(path("a").join("b/../../../a/x"), Err(Outside));
        assert_eq!(path("a").join("..\\x"), Err(Outside));
        assert_eq!(path("a").join("x\0y"), Err(Outside));
    }

    #[test]
    fn knows_parent_name_and_what_is_below() {
        let file = path("a/b/c.md");
        assert_eq!((file.parent(), file.name()), (path("a/b"), "c.md"));
        assert_eq!(file.below(&path("a")), Some("b/c.md"));
        assert_eq!(file.below(&path("a/bb")), None);
        assert_eq!(path("ab/c").below(&path("a")), None);
        assert_eq!(file.below(&FilePath::root()), Some("a/b/c.md"));
    }
}
