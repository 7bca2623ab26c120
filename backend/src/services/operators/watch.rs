//! An operator watches a visitor's terminal: sees what the visitor sees, and can do nothing. Each time is written down.

use domain::{SessionId, UnixMs};
use terminal::TerminalKey;
use tokio::sync::mpsc;

use super::Operator;
use crate::services::{
    Attachment, Services, TerminalRefusal,
    terminals::{since, unavailable},
};

impl Services {
    /// Attaches a watcher, who opens nothing, holds nothing back and is not counted as a browser. While the session is
    /// starting it waits, and says what for through `status`. `received` is what the watcher has: bytes, of which run.
    pub async fn watch(
        &self,
        by: &Operator,
        id: SessionId,
        n: u8,
        received: (Option<u64>, Option<&str>),
        status: mpsc::Sender<String>,
    ) -> Result<Attachment, TerminalRefusal> {
        let number = self.number(n).ok_or(TerminalRefusal::NoSuchTerminal)?;
        let known = self.0.store.session(id).await.map_err(|error| unavailable(&error))?;
        let known = known.ok_or(TerminalRefusal::NoSuchTerminal)?;
        let session = self.ready_session(&known, &status).await?;
        let instance = session.instance.ok_or(TerminalRefusal::Restarting)?;
        let key = TerminalKey { instance, number };
        let (bytes, epoch) = received;
        let attachment = self
            .0
            .terminals
            .watch(&key, since(bytes, epoch))
            .map_err(|error| self.refusal(&key, &error))?;
        // Before anything is shown: what cannot be written down is not watched.
        let entry = by.act("session.watch", Some(id.to_string()), Some(format!("terminal {n}")));
        let written = self.0.store.audit(&entry, UnixMs::now()).await;
        written.map_err(|error| unavailable(&error))?;
        tracing::info!(operator = by.0, session = %id, n, "a terminal is watched by an operator");
        Ok(attachment)
    }
}
