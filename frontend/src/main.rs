//! The page of tryit: a guided tutorial beside a terminal. Compiled to WebAssembly by `cargo run -p bundle`.

mod app;
mod browser;
mod components;
mod engine;
mod logic;
mod pages;
mod route;
mod state;
mod terminal;

fn main() {
    leptos::mount::mount_to_body(app::App);
}
