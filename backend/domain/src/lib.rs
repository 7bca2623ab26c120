//! The words of the service: ids, states, limits, addresses. No I/O, so everything here is decided the same way
//! in a test as in production.

pub mod address;
pub mod id;
pub mod instance;
pub mod limits;
pub mod session;
pub mod time;

pub use address::{AddressKey, ClientAddress, NetworkKey};
pub use id::{InstanceName, Project, ServerId, SessionId, SourceName, TerminalNumber, TokenHash};
pub use instance::{InstanceRef, InstanceState};
pub use limits::StartLimits;
pub use session::{EndedReason, Phase, PhaseStep, SessionState, Setup};
pub use time::UnixMs;
