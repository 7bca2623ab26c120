//! What the compiler does not enforce of ARCHITECTURE.md: who may use whom among the modules of this package, and what
//! the sources must not hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A module of `backend/src`, and what must not be named in it.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "services",
        &["actix", "sqlx", "crate::http", "crate::reconciler", "crate::cli", "provider::lxd"],
    ),
    (
        "reconciler",
        &["actix", "sqlx", "crate::services", "crate::http", "crate::cli", "provider::lxd"],
    ),
    (
        "jobs",
        &["actix", "sqlx", "crate::services", "crate::http", "crate::cli", "crate::reconciler"],
    ),
    (
        "http",
        &[
            "sqlx",
            "store::",
            "provider::",
            "terminal::Terminals",
            "crate::reconciler",
            "crate::cli",
            "SessionState",
        ],
    ),
    ("source.rs", &["actix", "sqlx", "crate::"]),
    ("server_state.rs", &["actix", "sqlx", "crate::"]),
    ("presence.rs", &["actix", "sqlx", "crate::"]),
];

/// A crate, and the only crates of ours that it may name in its manifest.
const CRATES: &[(&str, &[&str])] = &[
    ("shared", &[]),
    ("frontend", &["shared"]),
    ("backend/domain", &[]),
    ("backend/bench", &["store"]),
    ("backend/tutorial", &["shared"]),
    ("backend/store", &["domain"]),
    ("backend/provider", &["domain"]),
    ("backend/terminal", &["domain", "provider"]),
];

const OURS: &[&str] = &["shared", "domain", "tutorial", "store", "provider", "terminal", "tryit"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root").to_owned()
}

fn sources(at: &Path) -> Vec<PathBuf> {
    if at.is_file() {
        return vec![at.to_owned()];
    }
    let entries = fs::read_dir(at).unwrap_or_else(|error| panic!("{}: {error}", at.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let wanted =
        paths.filter(|path| path.is_dir() || path.extension().is_some_and(|kind| kind == "rs"));
    wanted.flat_map(|path| sources(&path)).collect()
}

/// The lines of a file that are code, with their numbers; unit tests at its end may use what they need.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).expect("a source");
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim().to_owned()));
    lines
        .take_while(|(_, line)| line != "#[cfg(test)]")
        .filter(|(_, line)| !line.starts_with("//"))
        .collect()
}

#[test]
fn modules_use_only_what_the_architecture_gives_them() {
    let mut broken = Vec::new();
    for (module, forbidden) in FORBIDDEN {
        for path in sources(&root().join("backend/src").join(module)) {
            for (number, line) in code(&path) {
                for word in forbidden.iter().filter(|word| line.contains(**word)) {
                    broken.push(format!("{}:{number}: `{word}` in {module}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crates_depend_only_on_what_the_architecture_gives_them() {
    for (name, allowed) in CRATES {
        let manifest =
            fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        let used = manifest.lines().filter_map(|line| {
            let key = line.split(['.', '=', ' ']).next()?;
            OURS.iter().find(|ours| **ours == key)
        });
        for used in used {
            assert!(allowed.contains(used), "{name} must not depend on {used}");
        }
    }
}

#[test]
fn files_begin_with_their_purpose_and_have_one() {
    for part in ["backend", "frontend", "shared"] {
        for path in sources(&root().join(part)) {
            if path
                .components()
                .any(|part| part.as_os_str() == "node_modules" || part.as_os_str() == "vendor")
            {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source");
            assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
            let lines = text.lines().count();
            assert!(
                lines <= 500,
                "{} has {lines} lines: it has more than one purpose",
                path.display()
            );
        }
    }
}

#[test]
fn lock_files_hold_no_download_addresses() {
    let lock = fs::read_to_string(root().join("e2e/package-lock.json")).expect("a lock file");
    assert!(!lock.contains("\"resolved\""), "e2e/package-lock.json names a registry");
}
