//! Whether a start would run now, and why not.

use domain::{ClientAddress, UnixMs};
use shared::{
    ErrorCode,
    status::{Client, Family, Places, Queue, ServiceState, Status},
};

use super::{Error, Result, Services, queue};
use crate::{server_state::Reach, source::SessionSource};

/// What visitors are told while the database takes no write.
const UNWRITABLE: &str = "The service cannot write anything down right now. Running sessions are kept; try again in a moment.";

/// What visitors are told before the server has been asked for the first time.
pub(super) const STARTING: &str = "The service is starting. Try again in a moment.";

/// What visitors are told while the disk of containers has too little room.
pub(super) const NEARLY_FULL: &str =
    "The server's disk is nearly full, so no new session can start. Try again later.";

/// What visitors are told while nothing that sessions are made from is there.
const NO_SOURCE: &str = "What the tutorials run on is not there yet. Try again later.";

impl Services {
    /// Whether a start would run now.
    pub async fn status(&self, client: ClientAddress) -> Result<Status> {
        let seen = self.0.glance.at(&self.0.store).await?;
        let (occupancy, maintenance) = (&seen.occupancy, &seen.maintenance);
        let default_tutorial = self.default_tutorial();
        let settings = self.0.settings.borrow();
        let max = u64::from(settings.limits.max);
        let (state, message) = match self.outage().or_else(|| self.unusable(&settings.sources)) {
            _ if maintenance.on => (ServiceState::Maintenance, maintenance.message.clone()),
            _ if !self.0.store.is_writable() => {
                (ServiceState::Unavailable, Some(UNWRITABLE.to_owned()))
            }
            Some(message) => (ServiceState::Unavailable, Some(message.to_owned())),
            None if occupancy.used >= max || occupancy.waiting > 0 => (ServiceState::Full, None),
            None => (ServiceState::Open, None),
        };
        let now = UnixMs::now();
        let is_full = state == ServiceState::Full;
        let wait = self.wait_of_the_next(now).filter(|_| is_full);
        let family = if client.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
        Ok(Status {
            state,
            message,
            sessions: Places { active: occupancy.used, max },
            queue: Queue { length: occupancy.waiting, eta_seconds: wait.map(queue::seconds) },
            client: Client { address: client.to_string(), family },
            feedback: settings.feedback.enabled,
            duration_seconds: settings.duration.as_secs(),
            default_tutorial,
            server_time: now.to_string(),
        })
    }

    /// Whether the service can do its work: the database takes a write and LXD answers.
    pub async fn ready(&self) -> Result<()> {
        self.0.store.check_writable().await.map_err(|error| {
            tracing::warn!(cause = %error, "not ready");
            Error::new(ErrorCode::Unavailable, "The database cannot be written.")
        })?;
        match self.outage() {
            Some(message) => Err(Error::new(ErrorCode::Unavailable, message)),
            None => Ok(()),
        }
    }

    /// What visitors are told while LXD cannot be reached.
    pub(super) fn outage(&self) -> Option<&'static str> {
        match self.0.server.borrow().reach {
            Reach::Reachable => None,
            Reach::Unknown => Some(STARTING),
            Reach::Unreachable(_) => Some(
                "The server that runs the containers cannot be reached right now. Running sessions are kept.",
            ),
        }
    }

    /// What visitors are told while no source can be used, so that no start would run.
    fn unusable(&self, sources: &[SessionSource]) -> Option<&'static str> {
        let server = self.0.server.borrow();
        let mut names = sources.iter().map(|source| &source.source.name);
        if names.clone().any(|name| server.generations.contains_key(name)) {
            return None;
        }
        Some(if names.any(|name| server.full.contains(name)) { NEARLY_FULL } else { NO_SOURCE })
    }
}
