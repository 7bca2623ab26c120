//! What visitors and operators can do. Services decide by the database's rows and write rows; containers are made and
//! deleted by the reconciler alone.

mod authentication;
mod error;
mod feedback;
mod glance;
mod links;
mod operators;
mod paging;
mod queue;
mod scripts;
mod sessions;
pub mod settings;
mod start;
mod status;
mod steps;
mod terminals;
mod terms;
mod text;
mod turns;
mod tutorials;
mod updates;
mod view;

use std::sync::{Arc, Mutex};

use provider::Provider;
use store::Store;
use terminal::Terminals;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use authentication::Visitor;
pub use error::{Error, Result};
pub use feedback::FeedbackQuery;
pub use operators::{Operator, StatisticsQuery};
pub use paging::PageQuery;
pub use settings::{Scope, Settings};
pub use terminals::{
    Attachment, BrowserCommand, CloseReason, Commands, Events, Notice, ServerEvent,
    TerminalRefusal, TerminalRequest, TerminalSize,
};
pub use updates::{Update, Updates};

use crate::{links::Links, presence::Presence, server_state::ServerState};

/// What visitors and operators can do. Clones are the same services.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

struct Inner {
    store: Store,
    provider: Arc<dyn Provider>,
    terminals: Terminals,
    settings: watch::Receiver<Settings>,
    server: watch::Receiver<ServerState>,
    links: watch::Receiver<Links>,
    library: tutorials::Library,
    throttle: operators::Throttle,
    glance: glance::Glance,
    /// Why no terminal could be opened, as it was said last, since one could.
    terminals_failed: Mutex<Option<String>>,
    scripts: turns::Turns,
    queue: queue::Watched,
    presence: Presence,
    stopping: CancellationToken,
}

/// What the services work with.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The server that runs the containers.
    pub provider: Arc<dyn Provider>,
    /// All terminals.
    pub terminals: Terminals,
    /// The configuration.
    pub settings: watch::Receiver<Settings>,
    /// What the reconciler knows of the server.
    pub server: watch::Receiver<ServerState>,
    /// Which links are in force.
    pub links: watch::Receiver<Links>,
    /// Where it says who of those who wait was heard of.
    pub presence: Presence,
    /// Cancelled when the service is about to stop: what goes on without an end ends.
    pub stopping: CancellationToken,
}

impl Services {
    /// Reads the tutorials and is ready. Fails when their directory cannot be read.
    pub fn new(parts: Parts) -> std::io::Result<Self> {
        let Parts { store, provider, terminals, settings, server, links, presence, stopping } =
            parts;
        let library = tutorials::Library::open(&settings.borrow().tutorials)?;
        let throttle = operators::Throttle::default();
        Ok(Self(Arc::new(Inner {
            store,
            provider,
            terminals,
            settings,
            server,
            links,
            library,
            throttle,
            glance: glance::Glance::default(),
            terminals_failed: Mutex::default(),
            scripts: turns::Turns::default(),
            queue: queue::Watched::default(),
            presence,
            stopping,
        })))
    }

    fn settings(&self) -> Settings {
        self.0.settings.borrow().clone()
    }
}
