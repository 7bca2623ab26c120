//! Compiles the frontend to WebAssembly and generates the JavaScript around it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::Mode;

/// The compiled page.
pub struct Page {
    /// The WebAssembly module.
    pub wasm: Vec<u8>,
    /// The module that loads it, with `{{name}}` where it imports another file.
    pub script: String,
}

/// Compiles the page and generates its script.
///
/// # Errors
///
/// Fails when cargo fails (its messages were printed) or when the versions of wasm-bindgen differ.
pub fn page(mode: Mode) -> Result<Page> {
    let module = cargo_build(mode)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&module)
        .out_name("page")
        .web(true)?
        .typescript(false)
        .demangle(mode == Mode::Dev)
        .remove_name_section(mode == Mode::Release)
        .remove_producers_section(mode == Mode::Release);
    let mut output = bindgen.generate_output().context("generating the page's script")?;
    let snippets = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty());
    if let Some(package) =
        snippets.map(|(package, _)| package).chain(output.local_modules().keys()).next()
    {
        bail!("{package} brings JavaScript of its own, which the bundle does not link");
    }
    let script = link_engine(output.js())?;
    Ok(Page { wasm: output.wasm_mut().emit_wasm(), script })
}

/// Leptos then builds its views from a few types instead of one for each view: quicker to compile, and half the
/// size. The page must be compiled like this by everyone who ships it, so it stands here and not in a configuration.
const ERASED: &str = r#"target.wasm32-unknown-unknown.rustflags = ["--cfg", "erase_components"]"#;

/// Runs cargo and finds the module it made.
fn cargo_build(mode: Mode) -> Result<PathBuf> {
    let profile = match mode {
        Mode::Release => "page",
        Mode::Dev => "dev",
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--package", "frontend", "--target", "wasm32-unknown-unknown"])
        .args(["--config", ERASED])
        .args(["--profile", profile, "--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .context("running cargo")?;
    if !output.status.success() {
        bail!("the frontend does not compile (is the target wasm32-unknown-unknown installed?)");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo named no module")
}

/// Points the bare imports of xterm-js-rs at the engine, which loads xterm.js when a terminal is wanted.
fn link_engine(script: &str) -> Result<String> {
    let mut linked = script.to_owned();
    for bare in ["xterm", "xterm-addon-fit"] {
        for quote in ['"', '\''] {
            linked =
                linked.replace(&format!("from {quote}{bare}{quote}"), "from \"./{{engine.mjs}}\"");
        }
    }
    let stray = linked.lines().find(|line| line.starts_with("import ") && !line.contains("{{"));
    match stray {
        None => Ok(linked),
        Some(line) => {
            bail!("the page's script imports something that is not in the bundle: {line}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_imports_lead_to_the_engine() {
        let script =
            "import { Terminal } from 'xterm';\nimport * as fit from \"xterm-addon-fit\"\nlet x;";
        let linked = link_engine(script).unwrap();
        assert_eq!(
            linked,
            "import { Terminal } from \"./{{engine.mjs}}\";\nimport * as fit from \"./{{engine.mjs}}\"\nlet x;"
        );
    }

    #[test]
    fn an_import_of_anything_else_is_refused() {
        assert!(link_engine("import { a } from 'left-pad';").is_err());
    }
}
