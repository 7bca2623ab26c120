//! The vendored files of xterm.js, checked against their checksums.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

/// Reads the files named in `SHA256SUMS` that the page uses (its licences stay in the repository).
///
/// # Errors
///
/// Fails when a file is missing or differs from its checksum.
pub fn xterm(directory: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let list = directory.join("SHA256SUMS");
    let sums =
        std::fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let mut files = Vec::new();
    for line in sums.lines() {
        let (sum, name) =
            line.split_once("  ").with_context(|| format!("{}: {line}", list.display()))?;
        let path = directory.join(name);
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let digest: String =
            Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(
            digest == sum,
            "{} is not the file that was vendored: its checksum differs",
            path.display()
        );
        if !name.starts_with("LICENSE") {
            files.push((name.to_owned(), without_source_map(bytes)));
        }
    }
    Ok(files)
}

/// Drops the reference to a source map that is not served.
fn without_source_map(mut bytes: Vec<u8>) -> Vec<u8> {
    const MARK: &[u8] = b"\n//# sourceMappingURL=";
    if let Some(at) = bytes.windows(MARK.len()).rposition(|window| window == MARK) {
        bytes.truncate(at + 1);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_map_goes_and_the_rest_stays() {
        assert_eq!(without_source_map(b"a;\n//# sourceMappingURL=a.map\n".to_vec()), b"a;\n");
        assert_eq!(without_source_map(b"a;\n".to_vec()), b"a;\n");
    }
}
