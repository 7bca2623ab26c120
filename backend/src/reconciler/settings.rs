//! What the reconciler is told by the configuration.

use std::time::Duration;

use domain::Project;

use crate::source::SessionSource;

/// Settings of the reconciler. A new value takes the old one's place while the service runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What containers are made from.
    pub sources: Vec<SessionSource>,
    /// Projects named in the configuration; those of container rows come on top.
    pub projects: Vec<Project>,
    /// Sessions in all: so many containers can be somebody's.
    pub places: u32,
    /// Percent of a storage pool above which nothing is made on it.
    pub max_fill: u8,
    /// How long a session lasts.
    pub duration: Duration,
    /// How long an offered place is kept.
    pub claim: Duration,
    /// How long after nobody is there any more a session ends.
    pub idle: Duration,
    /// How long a session waits for its first browser.
    pub no_show: Duration,
    /// How long a start may take.
    pub start_deadline: Duration,
    /// How often a start is tried.
    pub start_tries: u32,
}
