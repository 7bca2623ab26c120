//! What stands around the guide and the terminal.

mod ask;
mod bar;
mod divider;
mod dots;
mod hear;
mod key_row;
mod line;
mod link;
mod more;
mod queue;
mod reset;
mod side;

pub use bar::Bar;
pub use divider::{Divider, kept_width};
pub use key_row::KeyRow;
pub use line::Line;
pub use queue::QueuePane;
pub use side::{Peek, Switch};
