//! A container as the database wants it.

use std::{fmt, str::FromStr};

use crate::{
    id::{InstanceName, InvalidId, Project},
    session::words,
};

words! {
    /// What the database wants of a container.
    InstanceState {
        /// To be made and made ready.
        Creating = "creating",
        /// Ready, and nobody's yet.
        Warm = "warm",
        /// A session's.
        Claimed = "claimed",
        /// To be gone; the row goes when LXD has confirmed it.
        Deleting = "deleting",
    }
}

/// Where a container is: its name is unique within its project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceRef {
    /// Its project.
    pub project: Project,
    /// Its name.
    pub name: InstanceName,
}

impl fmt::Display for InstanceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.name)
    }
}
