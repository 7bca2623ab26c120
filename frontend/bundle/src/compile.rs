//! Compiles the frontend to WebAssembly, cuts it where it says so, and generates the JavaScript around it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{Mode, shrink};

/// The compiled page. Its texts have `{{name}}` where they name another file.
pub struct Page {
    /// The WebAssembly module that comes first.
    pub main: Vec<u8>,
    /// The modules that are loaded when they are needed, by name.
    pub chunks: BTreeMap<String, Vec<u8>>,
    /// The script that loads `main`.
    pub script: String,
    /// The script that loads the others.
    pub loader: String,
}

/// Compiles the page.
///
/// # Errors
///
/// Fails when cargo fails (its messages were printed) or when versions don't match.
pub fn page(mode: Mode) -> Result<Page> {
    let program = cargo_build(mode)?;
    let directory = tempfile::tempdir()?;
    let main = directory.path().join("page.wasm");
    let names = split(&program, directory.path(), &main)?;

    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&main)
        .out_name("page")
        .web(true)?
        .typescript(false)
        .keep_lld_exports(true)
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

    let script = link_imports(output.js())?;
    let mut loader = std::fs::read_to_string(directory.path().join(LOADER))?;
    let mut chunks = BTreeMap::new();
    for name in names {
        let bytes = std::fs::read(directory.path().join(&name))?;
        loader = loader.replace(&format!("\"./{name}\""), &format!("\"./{{{{{name}}}}}\""));
        let bytes = if mode == Mode::Release { shrink::module(&bytes)? } else { bytes };
        chunks.insert(name, bytes);
    }
    let (main, script) = match mode {
        Mode::Dev => (output.wasm_mut().emit_wasm(), script),
        Mode::Release => {
            let script = shrink::pair(output.wasm_mut(), &script);
            (shrink::module(&output.wasm_mut().emit_wasm())?, script)
        }
    };
    Ok(Page { main, chunks, script, loader })
}

/// How the program names the script that loads its other parts.
const LOADER: &str = "loader.mjs";

/// Leptos builds its views from a few types instead of one for each view: quicker to compile, and half the size. The
/// relocations are what the program is cut by. The page must be compiled like this by everyone who ships it, so it
/// stands here and not in a configuration.
const FLAGS: [&str; 4] = ["--cfg", "erase_components", "-C", "link-args=--emit-relocs"];

/// The flags as an argument of cargo. Messages name source files; where this machine keeps them is nobody's business,
/// and the same page comes out of every machine.
fn flags() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
    for directory in home
        .and_then(|home| std::fs::read_dir(home.join("registry/src")).ok())
        .into_iter()
        .flatten()
    {
        flags.push(format!("--remap-path-prefix={}/=", directory?.path().display()));
    }
    // A list of strings in JSON is one in TOML, too.
    Ok(format!("target.wasm32-unknown-unknown.rustflags = {}", serde_json::to_string(&flags)?))
}

/// Runs cargo and finds the program it made.
fn cargo_build(mode: Mode) -> Result<PathBuf> {
    let profile = match mode {
        Mode::Release => "page",
        Mode::Dev => "dev",
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--package", "frontend", "--target", "wasm32-unknown-unknown"])
        .args(["--config", &flags()?])
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
        .context("cargo named no program")
}

/// Cuts the program: `main` is what comes first, the answer names the files of the rest.
fn split(program: &Path, directory: &Path, main: &Path) -> Result<Vec<String>> {
    let input = std::fs::read(program)?;
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = directory;
    options.main_out_path = main;
    options.link_name = LOADER;
    options.main_module = MAIN;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("cutting the program: {error:#}"))?;
    split
        .split_modules
        .iter()
        .map(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .map(str::to_owned)
                .context("a part has no name")
        })
        .collect()
}

/// Where the loader gets the first part from. (Not from the script that imports the loader: files with hashes in
/// their names can't name each other.)
const MAIN: &str = "./{{main.mjs}}";

/// Points the imports of the generated script at files of the bundle: the bare ones of xterm-js-rs at the engine,
/// which loads xterm.js when a terminal is wanted, and that of the loader at it.
fn link_imports(script: &str) -> Result<String> {
    let mut linked = script.to_owned();
    for (from, to) in [("xterm", "engine.mjs"), ("xterm-addon-fit", "engine.mjs"), (LOADER, LOADER)]
    {
        for quote in ['"', '\''] {
            let (bare, own) =
                (format!("from {quote}{from}{quote}"), format!("from \"./{{{{{to}}}}}\""));
            linked = linked.replace(&bare, &own);
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
    fn imports_lead_to_files_of_the_bundle() {
        let script = "import { Terminal } from 'xterm';\nimport * as fit from \"xterm-addon-fit\"\nimport * as l from \"loader.mjs\"\nlet x;";
        let linked = link_imports(script).unwrap();
        assert_eq!(
            linked,
            "import { Terminal } from \"./{{engine.mjs}}\";\nimport * as fit from \"./{{engine.mjs}}\"\nimport * as l from \"./{{loader.mjs}}\"\nlet x;"
        );
    }

    #[test]
    fn an_import_of_anything_else_is_refused() {
        assert!(link_imports("import { a } from 'left-pad';").is_err());
    }
}
