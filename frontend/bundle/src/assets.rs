//! The files of the page: named by their content, linked to each other, compressed.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::Mode;

/// Files whose names carry a hash (served as immutable) and files at the root (always asked for again).
#[derive(Debug, Default)]
pub struct Assets {
    /// `name.ext` as the sources call it → the file.
    hashed: BTreeMap<String, Hashed>,
    /// `name.ext` → content.
    root: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug)]
struct Hashed {
    /// `name-<hash>.ext`.
    file: String,
    bytes: Vec<u8>,
}

impl Assets {
    /// Adds a file that names no other.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let file = hashed_name(name, &bytes);
        self.hashed.insert(name.to_owned(), Hashed { file, bytes });
    }

    /// Adds a text in which `{{name}}` stands for the hashed name of a file added before.
    ///
    /// # Errors
    ///
    /// Fails when it names a file that was not added.
    pub fn add_linked(&mut self, name: &str, text: &str) -> Result<()> {
        let linked = self.link(text).with_context(|| format!("linking {name}"))?;
        self.add(name, linked.into_bytes());
        Ok(())
    }

    /// Adds a linked text that keeps its name, beside `assets/`.
    ///
    /// # Errors
    ///
    /// Fails when it names a file that was not added.
    pub fn add_root(&mut self, name: &str, text: &str) -> Result<()> {
        let linked = self.link(text).with_context(|| format!("linking {name}"))?;
        self.root.insert(name.to_owned(), linked.into_bytes());
        Ok(())
    }

    fn link(&self, text: &str) -> Result<String> {
        let mut linked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                bail!("a {{{{ without its }}}}")
            };
            let Some(asset) = self.hashed.get(name) else { bail!("{name} is not in the bundle") };
            linked.push_str(before);
            linked.push_str(&asset.file);
            rest = after;
        }
        linked.push_str(rest);
        Ok(linked)
    }

    /// Writes everything to `dist`, which is replaced as a whole, so that no reader sees half of it; and not touched when
    /// it would be the same, so that the program that embeds it need not be built again.
    ///
    /// # Errors
    ///
    /// Fails when the directory can't be written.
    pub fn write(&self, dist: &Path, mode: Mode) -> Result<()> {
        let fresh = dist.with_extension("new");
        let assets = fresh.join("assets");
        if fresh.exists() {
            std::fs::remove_dir_all(&fresh)?;
        }
        std::fs::create_dir_all(&assets)?;
        for asset in self.hashed.values() {
            write_compressed(&assets.join(&asset.file), &asset.bytes, mode)?;
        }
        for (name, bytes) in &self.root {
            write_compressed(&fresh.join(name), bytes, mode)?;
        }
        if dist.exists() {
            if contents(&fresh)? == contents(dist)? {
                return Ok(std::fs::remove_dir_all(&fresh)?);
            }
            std::fs::remove_dir_all(dist)?;
        }
        std::fs::rename(&fresh, dist).with_context(|| format!("replacing {}", dist.display()))
    }
}

/// Every file below a directory, by its path from there.
fn contents(directory: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(&next)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else {
                let path = entry.path();
                let bytes = std::fs::read(&path)?;
                files.insert(path.strip_prefix(directory)?.to_owned(), bytes);
            }
        }
    }
    Ok(files)
}

/// `name.ext` → `name-<16 hex digits of the content's SHA-256>.ext`.
fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

fn write_compressed(path: &Path, bytes: &[u8], mode: Mode) -> Result<()> {
    let quality = match mode {
        Mode::Release => 11,
        Mode::Dev => 3,
    };
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 64 * 1024, quality, 24);
    writer.write_all(bytes)?;
    drop(writer);
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    std::fs::write(&name, compressed).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_from_the_content() {
        assert_eq!(hashed_name("a.b.css", b""), "a.b-e3b0c44298fc1c14.css");
        assert_ne!(hashed_name("a.css", b"x"), hashed_name("a.css", b"y"));
    }

    #[test]
    fn a_link_takes_the_hashed_name_and_changes_the_linker_s() {
        let mut assets = Assets::default();
        assets.add("a.css", b"x".to_vec());
        assets.add_linked("b.mjs", "import './{{a.css}}'").unwrap();
        let a = &assets.hashed["a.css"].file;
        assert_eq!(assets.hashed["b.mjs"].bytes, format!("import './{a}'").into_bytes());
        assert!(assets.add_root("index.html", "{{c.css}}").is_err());
        assert!(assets.add_root("index.html", "{{a.css").is_err());
    }

    #[test]
    fn a_page_that_is_the_same_is_not_written_again() {
        let home = tempfile::tempdir().unwrap();
        let dist = home.path().join("dist");
        let inode = |assets: &Assets| {
            assets.write(&dist, Mode::Dev).unwrap();
            std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(&dist).unwrap())
        };
        let mut assets = Assets::default();
        assets.add("a.css", b"x".to_vec());
        let first = inode(&assets);
        assert_eq!(inode(&assets), first);
        // Another directory is there while the first one still is, so that its number can't be the same.
        assets.add("a.css", b"y".to_vec());
        assert_ne!(inode(&assets), first);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
