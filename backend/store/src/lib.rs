//! Everything that outlives the process, in one SQLite file: sessions, instances, feedback, bans, the audit.
//!
//! Every decision that two callers could race for is one transaction here. Writers go through one connection, in
//! the order they came, each with `begin immediate`; readers have a read-only pool and never wait for a writer.
//! A committed write publishes the sessions it changed ([`Store::changes`]), so to write is to tell.

mod audit;
mod ban;
mod error;
mod feedback;
mod file;
mod health;
mod instance;
mod lock;
mod look;
mod open;
mod operator;
mod page;
mod row;
mod secret;
mod server;
mod session;
mod statistics;
mod write;

#[cfg(test)]
mod tests;

pub use audit::{AuditEntry, NewAuditEntry};
pub use ban::{Ban, NewBan, Unban};
pub use error::{Error, Result};
pub use feedback::{Feedback, FeedbackEntry, FeedbackFilter, PutFeedback};
pub use instance::{Instance, NewInstance, Ready};
pub use look::Look;
pub use open::Store;
pub use operator::Extended;
pub use page::{Cursor, Page};
pub use server::{Closed, Maintenance};
pub use session::{
    AcceptedTerms, Admission, Claim, Container, Extension, Line, LinkEnd, Linked, Lost, NewSession,
    Occupancy, Refusal, Reset, Session,
};
pub use statistics::{Counts, Ends, Present, Statistics};
