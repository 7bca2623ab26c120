//! Joins the style sheets: the tokens, the base, then the sheet beside each component.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The one sheet of the page.
///
/// # Errors
///
/// Fails when a sheet can't be read.
pub fn sheet(frontend: &Path) -> Result<String> {
    let mut paths = vec![frontend.join("styles/tokens.css"), frontend.join("styles/base.css")];
    let mut beside = Vec::new();
    collect(&frontend.join("src"), &mut beside)?;
    beside.sort();
    paths.extend(beside);
    paths.iter().map(|path| read(path)).collect()
}

/// The tokens alone, for what is shown outside the page.
///
/// # Errors
///
/// Fails when the file can't be read.
pub fn tokens(frontend: &Path) -> Result<String> {
    read(&frontend.join("styles/tokens.css"))
}

fn read(path: &Path) -> Result<String> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(compact(&text))
}

fn collect(directory: &Path, sheets: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        std::fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, sheets)?;
        } else if path.extension().is_some_and(|extension| extension == "css") {
            sheets.push(path);
        }
    }
    Ok(())
}

/// Drops comments, indentation and empty lines; brotli does the rest.
fn compact(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    bare.lines().map(str::trim).filter(|line| !line.is_empty()).fold(
        String::new(),
        |mut sheet, line| {
            sheet.push_str(line);
            sheet.push('\n');
            sheet
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go() {
        assert_eq!(compact("/* a */\na {\n  b: c; /* d\n e */\n}\n"), "a {\nb: c;\n}\n");
    }
}
