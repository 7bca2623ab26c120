//! Which terminals there are: by container and number, each open, being opened, or ended.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{InstanceRef, TerminalNumber};
use tokio::sync::{broadcast, watch};

use crate::{
    Activity, Epoch, OpenError, TerminalKey, TerminalState, TerminalStatus, core::Core, run::Run,
    usage::Usage,
};

/// What became of a try to open a terminal; none yet while it goes on.
pub type Outcome = Option<Result<Arc<Run>, OpenError>>;

/// All terminals.
#[derive(Default)]
pub struct Registry {
    instances: HashMap<InstanceRef, Instance>,
}

struct Instance {
    slots: BTreeMap<TerminalNumber, Slot>,
    usage: Arc<Usage>,
}

enum Slot {
    /// It ran, and may run still.
    Ran(Arc<Run>),
    /// It is being opened, under this epoch.
    Opening {
        epoch: Epoch,
        outcome: watch::Receiver<Outcome>,
        /// The run before, which has exited.
        before: Option<Arc<Run>>,
    },
}

/// What is to be done for a terminal to be open.
pub enum Plan {
    /// Nothing: here is its run.
    Use(Arc<Run>),
    /// Somebody opens it already.
    Wait(watch::Receiver<Outcome>),
    /// The caller opens it: it must call [`Registry::opened`] or [`Registry::not_opened`], then tell the outcome.
    Open(watch::Sender<Outcome>, Arc<Usage>),
}

impl Registry {
    /// Looks whether a terminal must be opened, and takes note if so. `again` decides about one that ran.
    pub fn plan(
        &mut self,
        key: &TerminalKey,
        epoch: Epoch,
        changes: &broadcast::Sender<InstanceRef>,
        again: impl FnOnce(&Core) -> bool,
    ) -> Plan {
        let instance = self.instances.entry(key.instance.clone()).or_insert_with(|| Instance {
            slots: BTreeMap::new(),
            usage: Arc::new(Usage::new(key.instance.clone(), changes.clone())),
        });
        let before = match instance.slots.get(&key.number) {
            // Without a sender, whoever was opening it is gone without a word.
            Some(Slot::Opening { outcome, .. }) if outcome.has_changed().is_ok() => {
                return Plan::Wait(outcome.clone());
            }
            Some(Slot::Opening { before, .. }) => before.clone(),
            Some(Slot::Ran(run)) if !run.look(again) => return Plan::Use(Arc::clone(run)),
            Some(Slot::Ran(run)) => Some(Arc::clone(run)),
            None => None,
        };
        let (sender, outcome) = watch::channel(None);
        instance.slots.insert(key.number, Slot::Opening { epoch, outcome, before });
        Plan::Open(sender, Arc::clone(&instance.usage))
    }

    /// A try has succeeded. False when the terminal was closed meanwhile, so that nobody wants the run.
    pub fn opened(&mut self, key: &TerminalKey, epoch: Epoch, run: &Arc<Run>) -> bool {
        let Some(slot) = self.opening(key, epoch) else { return false };
        if let Slot::Opening { before: Some(before), .. } = slot {
            before.retire();
        }
        *slot = Slot::Ran(Arc::clone(run));
        true
    }

    /// A try has failed: the run before, if any, is what there is again.
    pub fn not_opened(&mut self, key: &TerminalKey, epoch: Epoch) {
        let before = match self.opening(key, epoch) {
            Some(Slot::Opening { before, .. }) => before.take(),
            Some(Slot::Ran(_)) | None => return,
        };
        if let Some(instance) = self.instances.get_mut(&key.instance) {
            match before {
                Some(run) => instance.slots.insert(key.number, Slot::Ran(run)),
                None => instance.slots.remove(&key.number),
            };
        }
    }

    /// Forgets a run that was lost.
    pub fn forget(&mut self, key: &TerminalKey, epoch: Epoch) {
        let Some(instance) = self.instances.get_mut(&key.instance) else { return };
        let is_it = matches!(instance.slots.get(&key.number), Some(Slot::Ran(run)) if run.look(Core::epoch) == epoch);
        if is_it {
            instance.slots.remove(&key.number);
            instance.usage.changed();
        }
    }

    /// The present run of a terminal.
    pub fn run(&self, key: &TerminalKey) -> Option<&Arc<Run>> {
        self.instances.get(&key.instance)?.slots.get(&key.number)?.run()
    }

    /// The present runs of a container's terminals.
    pub fn runs(&self, instance: &InstanceRef) -> Vec<Arc<Run>> {
        self.instances.get(instance).map(Instance::runs).unwrap_or_default()
    }

    /// All present runs.
    pub fn all_runs(&self) -> Vec<Arc<Run>> {
        self.instances.values().flat_map(Instance::runs).collect()
    }

    /// Forgets a container's terminals. Those being opened will find nobody who wants them.
    pub fn remove(&mut self, instance: &InstanceRef) -> Vec<Arc<Run>> {
        let removed = self.instances.remove(instance);
        removed
            .as_ref()
            .inspect(|instance| instance.usage.changed())
            .map(Instance::runs)
            .unwrap_or_default()
    }

    /// The terminals of a container, by number.
    pub fn statuses(&self, instance: &InstanceRef) -> Vec<TerminalStatus> {
        let slots = self.instances.get(instance).into_iter().flat_map(|instance| &instance.slots);
        slots
            .filter_map(|(number, slot)| {
                Some(slot.run()?.look(|core| TerminalStatus {
                    number: *number,
                    state: match core.exit() {
                        Some(code) => TerminalState::Exited { code },
                        None => TerminalState::Open,
                    },
                    epoch: core.epoch(),
                    browsers: core.attached(),
                }))
            })
            .collect()
    }

    /// How a container's terminals are used.
    pub fn activity(&self, instance: &InstanceRef) -> Activity {
        let Some(instance) = self.instances.get(instance) else { return Activity::default() };
        instance.usage.activity(instance.runs().iter().map(|run| run.look(Core::attached)).sum())
    }

    fn opening(&mut self, key: &TerminalKey, wanted: Epoch) -> Option<&mut Slot> {
        let slot = self.instances.get_mut(&key.instance)?.slots.get_mut(&key.number)?;
        matches!(slot, Slot::Opening { epoch, .. } if *epoch == wanted).then_some(slot)
    }
}

impl Instance {
    fn runs(&self) -> Vec<Arc<Run>> {
        self.slots.values().filter_map(Slot::run).cloned().collect()
    }
}

impl Slot {
    fn run(&self) -> Option<&Arc<Run>> {
        match self {
            Slot::Ran(run) => Some(run),
            Slot::Opening { before, .. } => before.as_ref(),
        }
    }
}
