//! What the database says of the service as a whole, read again only when something was written: every page asks for
//! the status, and so does whoever wants to wear the service out.

use std::sync::{Arc, PoisonError, RwLock};

use store::{Maintenance, Occupancy, Store};
use tokio::sync::Mutex;

use super::Result;

/// The last look at the database.
#[derive(Default)]
pub(super) struct Glance {
    last: RwLock<Option<Arc<Seen>>>,
    /// One looks; the others wait for what it sees.
    turn: Mutex<()>,
}

/// What was seen.
pub(super) struct Seen {
    pub occupancy: Occupancy,
    pub maintenance: Maintenance,
    /// Holds as long as no write is committed after these.
    commits: u64,
}

impl Glance {
    /// What is the case.
    pub async fn at(&self, store: &Store) -> Result<Arc<Seen>> {
        if let Some(seen) = self.current(store) {
            return Ok(seen);
        }
        let _turn = self.turn.lock().await;
        if let Some(seen) = self.current(store) {
            return Ok(seen);
        }
        // Before the look: what is written meanwhile makes it out of date.
        let commits = store.commits();
        let occupancy = store.occupancy().await?;
        let maintenance = store.maintenance().await?;
        let seen = Arc::new(Seen { occupancy, maintenance, commits });
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        *last = Some(Arc::clone(&seen));
        Ok(seen)
    }

    fn current(&self, store: &Store) -> Option<Arc<Seen>> {
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        last.clone().filter(|seen| seen.commits == store.commits())
    }
}
