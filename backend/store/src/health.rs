//! Whether the database takes writes, as the last one has shown.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use domain::UnixMs;

use crate::{Result, Store};

/// How long a write that was taken says that the next one will be.
const TAKEN_HOLDS: Duration = Duration::from_secs(5);
/// How long one that was not says so: once there is room again, that is to be noticed.
const REFUSED_HOLDS: Duration = Duration::from_secs(1);

/// What became of the last write.
#[derive(Debug, Default)]
pub(crate) struct Health {
    was_refused: AtomicBool,
    at: AtomicI64,
    is_tried: AtomicBool,
}

impl Health {
    /// Notes what became of a write.
    pub(crate) fn note<T>(&self, outcome: &Result<T>) {
        self.was_refused.store(outcome.is_err(), Ordering::Relaxed);
        self.at.store(UnixMs::now().0, Ordering::Relaxed);
    }

    fn is_old(&self, holds: Duration) -> bool {
        UnixMs(self.at.load(Ordering::Relaxed)).plus(holds) <= UnixMs::now()
    }
}

impl Store {
    /// Whether the database took the last write. Where that was a while ago, one is tried in the background: whoever
    /// keeps asking hears of a full disk before anybody has lost something to it. Never waits. Must be called within a
    /// tokio runtime.
    pub fn is_writable(&self) -> bool {
        let health = self.health();
        let was_refused = health.was_refused.load(Ordering::Relaxed);
        let holds = if was_refused { REFUSED_HOLDS } else { TAKEN_HOLDS };
        if health.is_old(holds) && !health.is_tried.swap(true, Ordering::Acquire) {
            let store = self.clone();
            tokio::spawn(async move {
                if let Err(error) = store.check_writable().await {
                    tracing::debug!(cause = %error, "the database takes no write");
                }
                store.health().is_tried.store(false, Ordering::Release);
            });
        }
        !was_refused
    }

    /// Whether the database takes a write now.
    pub async fn check_writable(&self) -> Result<()> {
        // A row that stays as it is, yet goes through the log like any other.
        self.change(sqlx::query("update server set maintenance = maintenance")).await.map(drop)
    }
}
