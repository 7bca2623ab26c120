//! The components: each renders one thing, and has its style sheet beside it.

mod copy;
pub mod feedback;
mod guide;
mod header;
mod landing;
pub mod session;
pub mod terminal;
mod trouble;
pub mod ui;

pub use copy::CopyButton;
pub use guide::{Guide, command};
pub use header::Header;
pub use landing::{Facts, Outline, Poster, Start, Terms, Tutorials};
pub use trouble::{next_reset, trouble, warning};
