//! A visitor's terminal: waits while the container is made, then attaches.

use std::sync::PoisonError;

use domain::{SessionState, TerminalNumber};
use shared::terminal::Size;
use store::Session;
use terminal::{Attach, AttachError, Epoch, OpenError, Role, Since, TerminalKey};
use tokio::sync::{broadcast::error::RecvError, mpsc};

pub use terminal::{
    Attachment, BrowserCommand, CloseReason, Commands, Events, Notice, ServerEvent,
    Size as TerminalSize,
};

use super::{Services, Visitor};
use crate::source::{self, SessionSource};

/// What a browser asks for.
#[derive(Clone, Debug)]
pub struct TerminalRequest {
    /// Its size, valid.
    pub size: Size,
    /// How many bytes it has.
    pub since: Option<u64>,
    /// Of which run; the present one when absent.
    pub epoch: Option<String>,
    /// Whether to start the command again if it has exited.
    pub restart: bool,
}

/// Why there is no terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalRefusal {
    /// Sessions have no terminal of this number.
    NoSuchTerminal,
    /// The session has no place yet.
    NotStarted,
    /// The session has ended.
    SessionEnded,
    /// LXD cannot be reached, or could not open it.
    Unavailable,
    /// The service or the container is being restarted.
    Restarting,
    /// The container has no processes or memory left for it.
    Exhausted,
}

impl Services {
    /// Attaches a browser. While the session is starting it waits, and says what for through `status`.
    pub async fn attach(
        &self,
        visitor: &Visitor,
        n: u8,
        request: TerminalRequest,
        status: mpsc::Sender<String>,
    ) -> Result<Attachment, TerminalRefusal> {
        let number = self.number(n).ok_or(TerminalRefusal::NoSuchTerminal)?;
        let session = self.ready_session(&visitor.0, &status).await?;
        let source = self.source_of(&session).ok_or(TerminalRefusal::Unavailable)?;
        let instance = session.instance.ok_or(TerminalRefusal::Restarting)?;
        let size = TerminalSize::new(request.size.cols, request.size.rows);
        let size = size.ok_or(TerminalRefusal::NoSuchTerminal)?;
        let how = Attach {
            role: Role::Browser { size, restart: request.restart },
            since: since(request.since, request.epoch.as_deref()),
        };
        let key = TerminalKey { instance, number };
        let attachment =
            self.0.terminals.attach(&key, source.exec(size.cols(), size.rows()), how).await;
        // Nothing is written here, so that the first byte waits for nobody: the reconciler sees who is attached.
        if attachment.is_ok() {
            self.terminals_failed(None);
        }
        attachment.map_err(|error| self.refusal(&key, &error))
    }

    /// Whether a further browser would take the place of this terminal's oldest.
    pub async fn terminal_is_full(&self, visitor: &Visitor, n: u8) -> bool {
        let Some(instance) = &visitor.0.instance else { return false };
        let statuses = self.0.terminals.statuses(instance);
        statuses
            .iter()
            .any(|status| status.number.get() == n && status.browsers >= terminal::MAX_BROWSERS)
    }

    /// Whether sessions have a terminal `n`.
    pub fn has_terminal(&self, n: u8) -> bool {
        self.number(n).is_some()
    }

    /// Terminal `n`, if sessions have that many.
    pub(super) fn number(&self, n: u8) -> Option<TerminalNumber> {
        TerminalNumber::new(n).filter(|_| n <= self.0.settings.borrow().terminals_max)
    }

    /// What a session's container was made from, as it is configured now, or was last. A process that was started when
    /// it was configured no more does not know it: there the default source has to do.
    pub(super) fn source_of(&self, session: &Session) -> Option<SessionSource> {
        let settings = self.0.settings.borrow();
        let mut known = settings.sources.iter().chain(&settings.former);
        let named = known.find(|source| source.source.name == session.source);
        named.or_else(|| source::for_image_id(&settings.sources, None)).cloned()
    }

    /// What a browser is told of an attach that failed; the cause is for the log.
    pub(super) fn refusal(&self, key: &TerminalKey, error: &AttachError) -> TerminalRefusal {
        match error {
            AttachError::Open(OpenError::Closed | OpenError::ShuttingDown) => {
                TerminalRefusal::Restarting
            }
            AttachError::NotOpen => TerminalRefusal::NoSuchTerminal,
            AttachError::Open(OpenError::Provider(cause))
                if matches!(**cause, provider::Error::Exhausted(_)) =>
            {
                tracing::info!(terminal = %key, %cause, "a container is exhausted");
                TerminalRefusal::Exhausted
            }
            AttachError::Open(OpenError::Provider(cause)) => {
                // All who are thrown out by an outage come back again and again: it is said once.
                let told = self.terminals_failed(Some(cause.to_string()));
                if told || cause.is_outage() && self.outage().is_some() {
                    tracing::debug!(terminal = %key, %cause, "a terminal still could not be opened");
                } else {
                    tracing::warn!(terminal = %key, %cause, "a terminal could not be opened");
                }
                TerminalRefusal::Unavailable
            }
        }
    }

    /// Notes why no terminal can be opened now; true when that was known already.
    fn terminals_failed(&self, why: Option<String>) -> bool {
        let mut last = self.0.terminals_failed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = *last == why;
        *last = why;
        is_known
    }

    /// The session once it runs, from what was just read of it.
    pub(super) async fn ready_session(
        &self,
        known: &Session,
        status: &mpsc::Sender<String>,
    ) -> Result<Session, TerminalRefusal> {
        if known.state == SessionState::Running {
            return Ok(known.clone());
        }
        let id = known.id;
        let mut changes = self.0.store.changes();
        let mut told = None;
        loop {
            let session = self.0.store.session(id).await.map_err(|error| unavailable(&error))?;
            let session = session.ok_or(TerminalRefusal::SessionEnded)?;
            match session.state {
                SessionState::Running => return Ok(session),
                SessionState::Ended => return Err(TerminalRefusal::SessionEnded),
                SessionState::Queued | SessionState::Offered => {
                    return Err(TerminalRefusal::NotStarted);
                }
                SessionState::Starting => {}
            }
            let message = session
                .phase
                .map_or_else(|| "Waiting for a container".to_owned(), |phase| phase.message);
            if told.as_ref() != Some(&message) {
                // A browser that reads slower than this misses one, nothing else.
                let _ = status.try_send(message.clone());
                told = Some(message);
            }
            loop {
                let changed = tokio::select! {
                    () = self.0.stopping.cancelled() => return Err(TerminalRefusal::Restarting),
                    changed = changes.recv() => changed,
                };
                match changed {
                    Ok(changed) if changed != id => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return Err(TerminalRefusal::Restarting),
                }
            }
        }
    }
}

/// What the browser has; nothing when its epoch cannot be read.
pub(super) fn since(bytes: Option<u64>, epoch: Option<&str>) -> Option<Since> {
    let epoch = match epoch {
        Some(text) => Some(text.parse::<Epoch>().ok()?),
        None => None,
    };
    Some(Since { bytes: bytes?, epoch })
}

pub(super) fn unavailable(error: &store::Error) -> TerminalRefusal {
    tracing::error!(cause = %error, "a terminal could not be attached");
    TerminalRefusal::Unavailable
}
