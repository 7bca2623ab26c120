//! How the terminals of one container are used, and who hears of it.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::{InstanceRef, UnixMs};
use tokio::sync::broadcast;

use crate::Activity;

/// How the terminals of one container are used, and who hears of it.
pub struct Usage {
    instance: InstanceRef,
    changes: broadcast::Sender<InstanceRef>,
    first_attached: Moment,
    last_attached: Moment,
    last_input: Moment,
}

impl Usage {
    pub fn new(instance: InstanceRef, changes: broadcast::Sender<InstanceRef>) -> Self {
        let never = Moment::default;
        Self {
            instance,
            changes,
            first_attached: never(),
            last_attached: never(),
            last_input: never(),
        }
    }

    /// Something that can be asked for from outside is different now.
    pub fn changed(&self) {
        // Nobody hears of it when nobody listens.
        let _ = self.changes.send(self.instance.clone());
    }

    /// A browser has attached.
    pub fn attached(&self) {
        self.first_attached.set_once();
        self.last_attached.set();
    }

    /// A browser has detached.
    pub fn detached(&self) {
        self.last_attached.set();
    }

    /// A browser has sent input.
    pub fn input(&self) {
        self.last_input.set();
    }

    /// All of it, with so many browsers attached now.
    pub fn activity(&self, attached: usize) -> Activity {
        Activity {
            attached,
            first_attached: self.first_attached.get(),
            last_attached: if attached > 0 {
                Some(UnixMs::now())
            } else {
                self.last_attached.get()
            },
            last_input: self.last_input.get(),
        }
    }
}

/// A moment in unix milliseconds; 0 for never.
#[derive(Default)]
struct Moment(AtomicI64);

impl Moment {
    fn set(&self) {
        self.0.store(UnixMs::now().0, Ordering::Relaxed);
    }

    fn set_once(&self) {
        // It failing means that it was set before.
        let _ = self.0.compare_exchange(0, UnixMs::now().0, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn get(&self) -> Option<UnixMs> {
        Some(self.0.load(Ordering::Relaxed)).filter(|at| *at != 0).map(UnixMs)
    }
}
