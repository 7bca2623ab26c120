//! Each part's settings, made from the keys and handed out.

use std::{collections::BTreeSet, path::Path, time::Duration};

use domain::{Project, StartLimits};
use store::{Closed, NewBan};

use super::{
    Config, closed,
    error::Mistake,
    file::{File, Queue, Session, Terminal},
    lxd, network, operator, source, terms,
    values::{Parsed, Size},
    web,
};
use crate::{http, jobs, reconciler, services};

/// How long a started session waits for its first browser.
const NO_SHOW: Duration = Duration::from_secs(60);

/// How long a start may take, all tries together.
const START_DEADLINE: Duration = Duration::from_secs(120);

/// How often a start is tried.
const START_TRIES: u32 = 3;

#[derive(Clone, Debug)]
pub(super) struct Parts {
    services: services::settings::Settings,
    http: http::settings::Settings,
    reconciler: reconciler::settings::Settings,
    terminal: terminal::Settings,
    lxd: provider::lxd::Settings,
    outward: jobs::outward::Settings,
    bans: Vec<NewBan>,
    closed: Closed,
}

impl Config {
    /// What the services are told.
    pub fn services(&self) -> services::settings::Settings {
        self.parts.services.clone()
    }

    /// What the web server is told.
    pub fn http(&self) -> http::settings::Settings {
        self.parts.http.clone()
    }

    /// What the reconciler is told.
    pub fn reconciler(&self) -> reconciler::settings::Settings {
        self.parts.reconciler.clone()
    }

    /// What terminals are told.
    pub fn terminal(&self) -> terminal::Settings {
        self.parts.terminal
    }

    /// Who may not start a session.
    pub fn bans(&self) -> &[NewBan] {
        &self.parts.bans
    }

    /// Whether the service is closed to starts.
    pub fn closed(&self) -> &Closed {
        &self.parts.closed
    }

    /// What containers may reach.
    pub fn outward(&self) -> jobs::outward::Settings {
        self.parts.outward.clone()
    }

    /// What the LXD provider is told.
    pub fn lxd(&self) -> provider::lxd::Settings {
        self.parts.lxd.clone()
    }
}

impl Parts {
    /// Checks the keys that belong together. Relative paths start in `base`.
    pub fn new(file: File, base: &Path) -> Result<Self, Mistake> {
        let http = web::settings(&file)?;
        let terminal = terminal(&file.terminal)?;
        let lxd = lxd::settings(&file.lxd, base)?;
        let link = network::link(&file.session)?;
        let outward = network::settings(&file.network, &file.lxd.project, link.clone())?;
        source::max_age(&file.pool.max_age, "pool.max_age")?;
        let sources = source::sources(file.source, &file.lxd, &file.pool)?;
        let projects: BTreeSet<Project> =
            sources.iter().map(|source| source.source.project.clone()).collect();
        let duration = file.session.duration.0;
        let at_least_one = [
            ("session.idle_minutes", file.session.idle_minutes),
            ("session.extend_minutes", file.session.extend_minutes),
            ("terminals.max", file.terminals.max.into()),
            ("queue.claim_seconds", file.queue.claim_seconds),
        ];
        if let Some((key, _)) = at_least_one.into_iter().find(|(_, count)| *count == 0) {
            return Err(Mistake::new(key, "expected at least 1, found 0"));
        }
        if duration < Duration::from_secs(1) {
            return Err(Mistake::new(
                "session.duration",
                format!("expected at least \"1s\", found {duration:?}"),
            ));
        }
        Ok(Self {
            bans: closed::bans(file.ban)?,
            closed: closed::closed(file.maintenance)?,
            services: services::settings::Settings {
                duration,
                extensions: file.session.extensions,
                extend_by: minutes(file.session.extend_minutes),
                link,
                limits: limits(&file.session, &file.queue),
                terminals_max: file.terminals.max,
                terms: terms::texts(file.terms, base)?,
                tutorials: services::settings::Tutorials {
                    directory: base.join(&file.tutorials.directory),
                    default: file.tutorials.default,
                },
                sources: sources.clone(),
                former: Vec::new(),
                feedback: services::settings::Feedback {
                    enabled: file.feedback.enabled,
                    window: file.feedback.window.0,
                },
                operators: operator::tokens(file.operator)?,
            },
            http,
            reconciler: reconciler::settings::Settings {
                sources,
                projects: projects.into_iter().collect(),
                places: file.session.max,
                max_fill: file.lxd.max_fill,
                duration,
                claim: Duration::from_secs(file.queue.claim_seconds.into()),
                idle: minutes(file.session.idle_minutes),
                no_show: NO_SHOW,
                start_deadline: START_DEADLINE,
                start_tries: START_TRIES,
            },
            terminal,
            lxd,
            outward,
        })
    }
}

fn limits(session: &Session, queue: &Queue) -> StartLimits {
    StartLimits {
        max: session.max,
        per_address: session.per_address,
        per_network: session.per_network,
        per_hour: session.per_hour,
        queue_max: queue.max,
    }
}

fn terminal(table: &Terminal) -> Result<terminal::Settings, Mistake> {
    let Parsed(Size(buffer)) = table.buffer;
    terminal::Settings::new(usize::try_from(buffer).unwrap_or(usize::MAX), table.hold.0).map_err(
        |error| {
            let key = match error {
                terminal::InvalidSettings::Buffer => "terminal.buffer",
                terminal::InvalidSettings::Hold => "terminal.hold",
            };
            Mistake::new(key, error.to_string())
        },
    )
}

fn minutes(count: u32) -> Duration {
    Duration::from_secs(60 * u64::from(count))
}
