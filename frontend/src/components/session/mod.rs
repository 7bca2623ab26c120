//! What stands around the guide and the terminal.

mod bar;
mod divider;
mod dots;
mod end;
mod key_row;
mod more;
mod queue;
mod side;
mod unreachable;

pub use bar::Bar;
pub use divider::{Divider, kept_width};
pub use key_row::KeyRow;
pub use queue::QueuePane;
pub use side::{Peek, Switch};
pub use unreachable::Unreachable;
