//! What can be asked of terminals from outside.

use std::fmt;

use domain::{InstanceRef, TerminalNumber, UnixMs};

use crate::Epoch;

/// Which terminal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalKey {
    /// Of which container.
    pub instance: InstanceRef,
    /// Which of its terminals.
    pub number: TerminalNumber,
}

impl fmt::Display for TerminalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.instance, self.number)
    }
}

/// A terminal that ran or runs. One whose run was lost is not listed until it is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalStatus {
    /// Its number.
    pub number: TerminalNumber,
    /// Whether its command runs.
    pub state: TerminalState,
    /// Its present or last run.
    pub epoch: Epoch,
    /// Browsers attached to that run, watchers not counted.
    pub browsers: usize,
}

/// Whether a terminal's command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalState {
    /// It runs.
    Open,
    /// It ended.
    Exited {
        /// How, where known.
        code: Option<i32>,
    },
}

/// How a container's terminals have been used since this process began. Watchers and scripts don't count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Browsers attached now, to all terminals together.
    pub attached: usize,
    /// When a browser attached for the first time.
    pub first_attached: Option<UnixMs>,
    /// When a browser was attached last: now, while one is.
    pub last_attached: Option<UnixMs>,
    /// When a browser sent input last.
    pub last_input: Option<UnixMs>,
}
