//! Whether the database takes writes and has room for more, as the last one and its disk have shown.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use domain::UnixMs;

use crate::{Result, Store};

/// How long a tried write that was taken says that the next one will be.
const TAKEN_HOLDS: Duration = Duration::from_secs(5);
/// How long one that was not says so: once there is room again, that is to be noticed.
const REFUSED_HOLDS: Duration = Duration::from_secs(1);

/// What became of the last write, and of the last attempt to find out.
#[derive(Debug, Default)]
pub(crate) struct Health {
    was_refused: AtomicBool,
    /// Small writes may be taken all the same, so that they say nothing about it.
    lacks_room: AtomicBool,
    tried_at: AtomicI64,
    is_tried: AtomicBool,
}

impl Health {
    /// Notes what became of a write.
    pub(crate) fn note<T>(&self, outcome: &Result<T>) {
        self.was_refused.store(outcome.is_err(), Ordering::Relaxed);
    }

    fn is_bad(&self) -> bool {
        self.was_refused.load(Ordering::Relaxed) || self.lacks_room.load(Ordering::Relaxed)
    }

    /// Whether it is time to find out: what is bad may be good again, and the other way round. What others write
    /// meanwhile says nothing of the room that is left.
    fn is_due(&self) -> bool {
        let holds = if self.is_bad() { REFUSED_HOLDS } else { TAKEN_HOLDS };
        UnixMs(self.tried_at.load(Ordering::Relaxed)).plus(holds) <= UnixMs::now()
    }
}

impl Store {
    /// Whether the database took the last write and has room for more. From time to time one is tried in the
    /// background: whoever keeps asking hears of a full disk before anybody has lost something to it. Never waits.
    pub fn is_writable(&self) -> bool {
        let health = self.health();
        if health.is_due() && !health.is_tried.swap(true, Ordering::Acquire) {
            let store = self.clone();
            self.runtime().spawn(async move {
                if let Err(error) = store.check_writable().await {
                    tracing::debug!(cause = %error, "the database takes no write");
                }
                store.health().is_tried.store(false, Ordering::Release);
            });
        }
        !health.is_bad()
    }

    /// Whether the database takes a write now, and there is room for those that follow.
    pub async fn check_writable(&self) -> Result<()> {
        let (health, room) = (self.health(), self.check_room());
        health.lacks_room.store(room.is_err(), Ordering::Relaxed);
        health.tried_at.store(UnixMs::now().0, Ordering::Relaxed);
        room?;
        // A row that stays as it is, yet goes through the log like any other.
        self.change(sqlx::query("update server set maintenance = maintenance")).await.map(drop)
    }
}
