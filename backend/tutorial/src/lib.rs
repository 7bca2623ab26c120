//! Reads Killercoda and Katacoda scenario directories into typed, sanitised, highlighted blocks.
//!
//! Parsing is pure: it reads from a [`Files`] and answers a [`Scenario`] with everything that its author should put
//! right, so the same code serves the service, the linter, the preview and the fuzzer. Nothing here panics on any
//! input, and nothing that an author writes reaches a browser as markup without having passed the allow-list.
//! `docs/tutorials.md` describes the format.

mod catalog;
pub mod disk;
mod extras;
mod files;
mod highlight;
mod index;
mod limits;
mod load;
mod markdown;
mod path;
mod problem;
mod scenario;
mod slug;
mod source;
mod text;

pub use catalog::Catalog;
pub use files::{Entry, EntryKind, FileError, Files, MemoryFiles};
pub use highlight::Highlighter;
pub use path::{FilePath, Outside};
pub use problem::{Problem, Severity};
pub use scenario::{Asset, Chmod, NotAMode, NotAPage, Page, PageId, Scenario, Script};
pub use slug::Slug;
