//! What the page knows, as signals that the components share.

mod session;
mod visit;

pub use session::Session;
pub use visit::{Stage, Visit};
