//! The pages: each composes components and leaves rendering to them.

mod embed;
mod ended;
mod landing;
mod missing;
pub mod session;
mod tutorial;

pub use embed::EmbedPage;
pub use missing::MissingPage;
pub use tutorial::TutorialPage;
