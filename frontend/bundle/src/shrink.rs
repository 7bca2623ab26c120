//! Makes what the compilers wrote smaller: names nobody reads, comments, parts that nothing uses.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use walrus::{Module, ModuleConfig};

/// The module name under which a program imports from its generated script.
const SCRIPT: &str = "./page_bg.js";

/// Writes a module anew: numbers that relocations had to fit into get their shortest form, and names and other custom
/// sections go.
///
/// # Errors
///
/// Fails when the bytes are no module.
pub fn module(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false);
    let mut module = config.parse(bytes).context("reading a part of the program")?;
    let custom: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for id in custom {
        module.customs.delete(id);
    }
    Ok(module.emit_wasm())
}

/// Shortens the names that the program and its script know each other by, and drops the script's comments.
pub fn pair(module: &mut Module, script: &str) -> String {
    drop_unused_classes(module);
    let mut short = HashMap::new();
    for (number, import) in
        module.imports.iter_mut().filter(|import| import.module == SCRIPT).enumerate()
    {
        let name = format!("i{number}");
        short.insert(std::mem::replace(&mut import.name, name.clone()), name);
    }
    // Mangled names: functions that the script calls for closures.
    for (number, export) in
        module.exports.iter_mut().filter(|export| export.name.starts_with("_ZN")).enumerate()
    {
        let name = format!("e{number}");
        short.insert(std::mem::replace(&mut export.name, name.clone()), name);
    }
    let lines = script.lines().map(str::trim).filter(|line| !is_comment(line) && !line.is_empty());
    lines.fold(String::new(), |mut text, line| {
        rename(line, &short, &mut text);
        text.push('\n');
        text
    })
}

/// wasm-streams exports classes for streams that are written in Rust. The page has none, and what is exported is
/// never found to be unused by the compiler.
fn drop_unused_classes(module: &mut Module) {
    let unused: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name.trim_start_matches("__wbg_").starts_with("intounderlying"))
        .map(|export| export.id())
        .collect();
    for id in unused {
        module.exports.delete(id);
    }
    walrus::passes::gc::run(module);
}

/// Whether a line of generated script is part of a comment. (Generated code has no operator at a line's start.)
fn is_comment(line: &str) -> bool {
    line.starts_with("//")
        || line.starts_with("/*")
        || line.starts_with("* ")
        || line.starts_with("*/")
        || line == "*"
}

/// Appends `line` with each identifier that has a short name replaced by it.
fn rename(line: &str, short: &HashMap<String, String>, text: &mut String) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = line;
    while !rest.is_empty() {
        let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(word);
        text.push_str(short.get(name).map_or(name, String::as_str));
        let gap = after.find(is_part).unwrap_or(after.len());
        text.push_str(&after[..gap]);
        rest = &after[gap..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_identifiers_are_renamed_and_nothing_else() {
        let short = HashMap::from([("__wbg_a_1".to_owned(), "i0".to_owned())]);
        let mut text = String::new();
        rename("  __wbg_a_1: (x) => __wbg_a_12(`é __wbg_a_1`),", &short, &mut text);
        assert_eq!(text, "  i0: (x) => __wbg_a_12(`é i0`),");
    }

    #[test]
    fn comments_go_and_code_stays() {
        for line in ["// a", "/** b", "* @param {any} c", "*/", "*"] {
            assert!(is_comment(line), "{line}");
        }
        assert!(!is_comment("export * from 'x';"));
        assert!(!is_comment("**x;"));
    }
}
