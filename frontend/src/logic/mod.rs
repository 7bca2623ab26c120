//! What the page decides, without a browser: plain structs with their tests beside them.
//!
//! Nothing here touches the DOM, the network or the clock; time and chance are arguments.

pub mod attach;
pub mod availability;
pub mod backoff;
pub mod clock;
pub mod following;
pub mod guide;
pub mod input;
pub mod keys;
pub mod phases;
pub mod poster;
pub mod queue;
pub mod stream;
pub mod tokens;
pub mod words;
