//! The words of the service: ids, states, limits, addresses. No I/O, so everything here is decided the same way
//! in a test as in production.

pub mod address;
pub mod ban;
pub mod feedback;
pub mod id;
pub mod instance;
pub mod limits;
pub mod period;
pub mod progress;
pub mod queue;
pub mod session;
pub mod time;

pub use address::{AddressKey, ClientAddress, Network, NetworkKey};
pub use ban::{BanId, BanOrigin};
pub use feedback::Rating;
pub use id::{InstanceName, Project, ServerId, SessionId, SourceName, TerminalNumber, TokenHash};
pub use instance::{InstanceRef, InstanceState};
pub use limits::StartLimits;
pub use period::{Buckets, Grain, Period};
pub use progress::{PageName, PageProgress, Progress};
pub use queue::{Forecast, Places};
pub use session::{EndedReason, Phase, PhaseStep, SessionState, Setup};
pub use time::UnixMs;
