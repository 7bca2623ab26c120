//! The browser, one small module for each thing that the page asks of it. Everything that may throw is caught
//! here: storage may be blocked, the clipboard refused, a stream cut.

pub mod address;
pub mod api;
pub mod clipboard;
pub mod page;
pub mod random;
pub mod socket;
pub mod storage;
pub mod tell;
pub mod time;
pub mod updates;
