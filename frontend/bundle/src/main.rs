//! Builds the page into `frontend/dist`: `cargo run -p bundle` (`-- --dev` for a quick, larger one).
//!
//! Compiles the frontend to WebAssembly, generates its JavaScript, links both with the static files and the
//! vendored terminal, gives everything a name with a hash, and writes a brotli file beside each. Needs no Node.

mod assets;
mod compile;
mod report;
mod shrink;
mod styles;
mod vendor;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::assets::Assets;

/// How much work goes into making the files small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As small as it gets.
    Release,
    /// As quick as it gets.
    Dev,
}

fn main() -> Result<()> {
    let mode = match std::env::args().nth(1).as_deref() {
        None => Mode::Release,
        Some("--dev") => Mode::Dev,
        Some(other) => bail!("unknown argument {other}; usage: bundle [--dev]"),
    };
    let frontend = frontend_directory();
    let assets = bundle(&frontend, mode)?;
    assets.write(&frontend.join("dist"), mode)?;
    print!("{}", report::table(&frontend.join("dist"))?);
    Ok(())
}

/// The directory of the page's sources: the parent of this program's own.
fn frontend_directory() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// Puts the page together. A file is added after those it names, since their hashes become part of it.
fn bundle(frontend: &Path, mode: Mode) -> Result<Assets> {
    let statics = frontend.join("static");
    let read = |name: &str| {
        let path = statics.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let page = compile::page(mode)?;
    let tokens = styles::tokens(frontend)?;

    let mut assets = Assets::default();
    for (name, bytes) in vendor::xterm(&frontend.join("vendor/xterm"))? {
        assets.add(&name, bytes);
    }
    assets.add_linked("engine.mjs", &read("engine.mjs")?)?;
    assets.add_linked("main.mjs", &read("main.mjs")?)?;
    for (name, bytes) in page.chunks {
        assets.add(&name, bytes);
    }
    assets.add_linked("loader.mjs", &page.loader)?;
    assets.add("page.wasm", page.main);
    assets.add_linked("page.mjs", &page.script)?;
    assets.add_linked("boot.mjs", &read("boot.mjs")?)?;
    assets.add("page.css", styles::sheet(frontend)?.into_bytes());
    assets.add("icon.svg", read("icon.svg")?.into_bytes());
    assets.add_root("index.html", &read("index.html")?)?;
    assets.add_root(
        "embed.js",
        &read("embed.js")?.replace("{{tokens}}", &tokens.replace(":root", ":host")),
    )?;
    Ok(assets)
}
