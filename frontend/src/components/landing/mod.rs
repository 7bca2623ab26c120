//! The parts of the landing page.

mod facts;
mod outline;
mod poster;
mod start;
mod terms;
mod tutorials;

pub use facts::Facts;
pub use outline::Outline;
pub use poster::Poster;
pub use start::Start;
pub use terms::Terms;
pub use tutorials::Tutorials;
