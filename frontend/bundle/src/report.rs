//! What the page weighs, against what it may weigh.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Files that are loaded when a start was clicked, not before.
const AFTER_THE_CLICK: &[&str] = &["xterm-", "addon-fit-", "split_", "chunk_", "session"];
/// Files that a session loads when a menu asks for them.
const LATER: &str = "split_link";
/// Bytes (brotli) that may be loaded until a click produces the POST.
const BUDGET_LANDING: u64 = 150 * 1024;
/// Bytes (brotli) that may be loaded until the first prompt.
const BUDGET_PROMPT: u64 = 300 * 1024;

/// A table of the files in `dist` with their sizes, raw and compressed.
///
/// # Errors
///
/// Fails when the directory can't be read.
pub fn table(dist: &Path) -> Result<String> {
    let mut landing = 0;
    let mut prompt = 0;
    let mut text = format!("{:<36} {:>9} {:>9}\n", "file", "raw", "brotli");
    for path in files(dist)? {
        let raw = std::fs::metadata(&path)?.len();
        let small = std::fs::metadata(format!("{}.br", path.display()))?.len();
        let name = path.strip_prefix(dist).unwrap_or(&path).display().to_string();
        let base = path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(text, "{name:<36} {raw:>9} {small:>9}")?;
        if base != "embed.js" && !base.starts_with(LATER) {
            prompt += small;
            if !AFTER_THE_CLICK.iter().any(|prefix| base.starts_with(prefix)) {
                landing += small;
            }
        }
    }
    line(&mut text, "until a click can start a session", landing, BUDGET_LANDING)?;
    line(&mut text, "until the first prompt", prompt, BUDGET_PROMPT)?;
    Ok(text)
}

fn line(text: &mut String, what: &str, bytes: u64, budget: u64) -> Result<()> {
    let verdict = if bytes <= budget { "" } else { "  OVER BUDGET" };
    writeln!(text, "{what:<46} {bytes:>9} of {budget}{verdict}")?;
    Ok(())
}

/// Every file but the compressed ones, by name.
fn files(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for directory in [dist.to_path_buf(), dist.join("assets")] {
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_file() && path.extension().is_none_or(|extension| extension != "br") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
