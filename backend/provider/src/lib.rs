//! The machine boundary: what the service needs of whatever runs its containers.
//!
//! Methods are idempotent and have deadlines of their own; a list is complete or an error. What an implementation
//! speaks on the wire stays in its module.

mod error;
mod exec;
pub mod lxd;
mod outward;
pub mod preview;
mod source;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId, SessionId, UnixMs};
use tokio::sync::mpsc;

pub use error::Error;
pub use exec::{Exec, ExecControl, ExecReader, ExecSpec, ExecWriter, Output, RunSpec};
pub use outward::{Addresses, Allow, Host, Outward, Pair, Ports, Protocol};
pub use source::{Generation, InstanceKind, Limits, Origin, Source};

/// What a provider answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A server or cluster that runs the service's containers.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Whether it answers, and what it is. Also the cheapest question to ask after an outage.
    async fn info(&self) -> Result<ServerInfo>;

    /// What a container made from `source` now would be made of: the image's fingerprint, or what identifies the
    /// instance or snapshot to copy, with everything that shapes the container. Changes when one of these does.
    async fn generation(&self, source: &Source) -> Result<Generation>;

    /// Makes a stopped container. Creates and copies run one at a time per server (parallel ones can be handed
    /// the same id range). One that is there already with the same mark counts as made; with another mark or none:
    /// [`Error::NameTaken`]. `progress` gets what the server reports meanwhile; a full channel is skipped.
    async fn create(&self, spec: &CreateSpec, progress: mpsc::Sender<Progress>) -> Result<()>;

    /// Starts a stopped container; a running one counts as started. A container whose id range overlaps another's gets
    /// [`Error::SharedIdRange`]: nobody may be let in, and it must be deleted.
    async fn start(&self, instance: &InstanceRef, progress: mpsc::Sender<Progress>) -> Result<()>;

    /// Stops (by force) and deletes a container that carries `mark`; one that is absent counts as deleted. One
    /// with another mark or none: [`Error::Foreign`], and nothing is done.
    async fn delete(&self, instance: &InstanceRef, mark: ServerId) -> Result<()>;

    /// One container, or none.
    async fn get(&self, instance: &InstanceRef) -> Result<Option<Observed>>;

    /// What a running container uses; none where it does not run, or where that cannot be told.
    async fn usage(&self, _instance: &InstanceRef) -> Result<Option<Usage>> {
        Ok(None)
    }

    /// Every container that carries the mark of some tryit, in the given projects.
    async fn list(&self, projects: &[Project]) -> Result<Vec<Observed>>;

    /// Removes the mark: the container is no tryit's any more.
    async fn unmark(&self, instance: &InstanceRef) -> Result<()>;

    /// Notes on the container itself whose it is, where it outlives any database: it is never given to another session.
    async fn sign(&self, instance: &InstanceRef, session: SessionId) -> Result<()>;

    /// Opens an interactive command on a terminal.
    async fn exec(&self, instance: &InstanceRef, spec: &ExecSpec) -> Result<Exec>;

    /// Runs a command to its end. Past `spec.deadline` it is killed: [`Error::Deadline`].
    async fn run(&self, instance: &InstanceRef, spec: &RunSpec) -> Result<Output>;

    /// Writes a file, owned by root; its directory is made where missing.
    async fn write_file(
        &self,
        instance: &InstanceRef,
        path: &str,
        content: Bytes,
        mode: u32,
    ) -> Result<()>;

    /// Reads a file of at most `max` bytes; more: [`Error::TooLarge`], none: [`Error::NotFound`].
    async fn read_file(&self, instance: &InstanceRef, path: &str, max: usize) -> Result<Bytes>;

    /// Percent of the disk in use that containers of a source are on; none where that cannot be told.
    async fn fill(&self, _source: &Source) -> Result<Option<u8>> {
        Ok(None)
    }

    /// Lets containers reach what is given, and nothing else. Where there is no network of ours, and nothing is given,
    /// nothing is done.
    async fn let_out(&self, _outward: &Outward) -> Result<()> {
        Ok(())
    }

    /// The addresses that the network lets a running container send from, whatever root in it has given itself. None of
    /// a family that it has no address of, or not one alone.
    async fn addresses(&self, _instance: &InstanceRef) -> Result<Addresses> {
        Ok(Addresses::default())
    }

    /// Follows what happens to containers in the given projects. Ends when the connection does; the caller lists
    /// anew after each (re)connection, since events in between are lost.
    async fn events(&self, projects: &[Project]) -> Result<mpsc::Receiver<InstanceEvent>>;
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// `lxd`, `incus` or `preview`.
    pub kind: String,
    /// Its version.
    pub version: String,
    /// Whether this client is trusted.
    pub trusted: bool,
    /// Whether it is a cluster.
    pub clustered: bool,
}

/// A container to be made.
#[derive(Clone, Debug)]
pub struct CreateSpec {
    /// Where, under which name.
    pub instance: InstanceRef,
    /// Whose it is: the mark `user.tryit.server`.
    pub mark: ServerId,
    /// What from, in what shape.
    pub source: Source,
}

/// What the server reports of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// In the server's words.
    pub message: String,
    /// 0 to 100, where it says so.
    pub percent: Option<u8>,
}

/// A container as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Where.
    pub instance: InstanceRef,
    /// Its mark; none where it is not a tryit's (only from [`Provider::get`]).
    pub mark: Option<ServerId>,
    /// The session that it was given to, as far as it was noted on it.
    pub session: Option<SessionId>,
    /// What it does.
    pub status: InstanceStatus,
    /// When it was made.
    pub created_at: UnixMs,
    /// The cluster member it is on.
    pub location: Option<String>,
}

/// What a running container uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Time that its processes have had on a core since it started.
    pub cpu: Duration,
    /// Memory in use, in bytes.
    pub memory: u64,
    /// Processes.
    pub processes: u64,
    /// Bytes received over the network since it started, loopback not counted.
    pub received: u64,
    /// Bytes sent likewise.
    pub sent: u64,
}

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceStatus {
    /// It runs (or is frozen).
    Running,
    /// It is stopped.
    Stopped,
    /// On its way, or its member cannot say.
    Unknown,
}

/// Something that happened to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceEvent {
    /// To which.
    pub instance: InstanceRef,
    /// What.
    pub action: InstanceAction,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceAction {
    /// It stopped, by whatever hand.
    Stopped,
    /// It started or was started again.
    Started,
    /// It was deleted.
    Deleted,
    /// Anything else.
    Other,
}

/// How long a short call may take; an operation has a deadline of its own.
pub const CALL_DEADLINE: Duration = Duration::from_secs(10);
