//! How much of a tutorials directory is read: enough for any real one, little enough that none hurts the service.

/// Bytes of an `index.json`, `index.yaml` or `structure.json`.
pub(crate) const INDEX_BYTES: u64 = 256 * 1024;
/// Bytes of one Markdown file.
pub(crate) const TEXT_BYTES: u64 = 256 * 1024;
/// Bytes of one script.
pub(crate) const SCRIPT_BYTES: u64 = 256 * 1024;
/// Bytes of a code block that is coloured; a longer one is shown plain.
pub(crate) const HIGHLIGHT_BYTES: usize = 32 * 1024;
/// Steps of a scenario.
pub(crate) const STEPS: usize = 200;
/// Assets of a scenario.
pub(crate) const ASSETS: usize = 500;
/// Directories below each other that are searched for scenarios.
pub(crate) const DIRECTORY_DEPTH: usize = 6;
/// Directories that are searched for scenarios.
pub(crate) const DIRECTORIES: usize = 5_000;
/// Scenarios of a directory.
pub(crate) const SCENARIOS: usize = 1_000;
/// Elements within each other that keep their form; deeper ones are shown as text.
pub(crate) const ELEMENT_DEPTH: usize = 24;
/// Elements open within each other; with more, a text isn't read.
pub(crate) const OPEN_ELEMENTS: usize = 256;
