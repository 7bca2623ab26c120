//! `tryit`: a root shell in a fresh LXD container for whoever clicks a link, beside a guided tutorial.
//!
//! `ARCHITECTURE.md` says which part does what and who may use whom.

pub mod cli;
pub mod http;
pub mod jobs;
pub mod links;
pub mod presence;
pub mod reconciler;
pub mod server_state;
pub mod services;
pub mod source;
