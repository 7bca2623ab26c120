//! All terminals of the service.

use std::sync::Arc;

use bytes::Bytes;
use domain::InstanceRef;
use provider::{ExecSpec, Provider};
use tokio::sync::{broadcast, watch};

use crate::{
    Activity, Attach, AttachError, Attachment, CloseReason, Notice, OpenError, Settings,
    TerminalKey, TerminalStatus, TypeError,
};

/// All terminals of the service. Clones are the same terminals.
#[derive(Clone)]
pub struct Terminals {}

impl Terminals {
    /// None yet. Must be called within a tokio runtime: that one runs the terminals, from wherever they are opened.
    pub fn new(_provider: Arc<dyn Provider>, _settings: watch::Receiver<Settings>) -> Self {
        todo!()
    }

    /// Starts the command of a terminal that never ran, has exited or was lost, under a new epoch; nothing where it
    /// runs. Waits until the command is open. Goes on to its end even if the caller stops waiting.
    pub async fn open(&self, _key: &TerminalKey, _spec: ExecSpec) -> Result<(), OpenError> {
        todo!()
    }

    /// Attaches a browser, which becomes the writer, or a watcher. A browser opens a terminal that does not run
    /// with `spec` in its own size, except one that has exited: that needs `restart`, or never to have been
    /// attached to. A fifth browser takes the place of the oldest.
    pub async fn attach(
        &self,
        _key: &TerminalKey,
        _spec: ExecSpec,
        _how: Attach,
    ) -> Result<Attachment, AttachError> {
        todo!()
    }

    /// The terminals of a container, by number.
    pub fn statuses(&self, _instance: &InstanceRef) -> Vec<TerminalStatus> {
        todo!()
    }

    /// How a container's terminals have been used.
    pub fn activity(&self, _instance: &InstanceRef) -> Activity {
        todo!()
    }

    /// Types into a terminal as a visitor would, and waits until the program's side has accepted it all.
    pub async fn type_input(&self, _key: &TerminalKey, _input: Bytes) -> Result<(), TypeError> {
        todo!()
    }

    /// Tells all who are attached to a container's terminals.
    pub fn notify(&self, _instance: &InstanceRef, _notice: Notice) {
        todo!()
    }

    /// Tells all who are attached to any terminal.
    pub fn notify_all(&self, _notice: Notice) {
        todo!()
    }

    /// Lets all go who are attached to a container's terminals, hangs up the commands and forgets the terminals.
    /// Returns when the commands are hung up, within seconds.
    pub async fn close_instance(&self, _instance: &InstanceRef, _reason: CloseReason) {
        todo!()
    }

    /// Opens nothing more, lets all go with [`CloseReason::Restarting`], and waits until they are gone, for seconds
    /// at most.
    pub async fn shutdown(&self) {
        todo!()
    }

    /// The containers whose [`statuses`](Self::statuses) or attached browsers have changed, from now on.
    pub fn changes(&self) -> broadcast::Receiver<InstanceRef> {
        todo!()
    }
}
