//! The whole service, built from its configuration: `Application::build` binds, `run_until_stopped` serves.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::dev::{Server, ServerHandle};
use domain::UnixMs;
use provider::Provider;
use store::Store;
use terminal::Terminals;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Failure, config::Config};
use crate::{
    http,
    jobs::outward,
    links,
    presence::Presence,
    reconciler::{self, Orphans, Reconciler},
    server_state,
    services::{self, Services},
};

/// How long attached browsers have to take what they are told at a shutdown.
const FAREWELL: Duration = Duration::from_secs(3);

/// A service that is bound and not yet running.
pub struct Application {
    server: Server,
    address: SocketAddr,
    reconciler: Reconciler,
    outward: outward::Job,
    terminals: Terminals,
    store: Store,
    reload: Reload,
    stopping: CancellationToken,
}

/// Hands a new configuration to all parts of a running service.
#[derive(Clone)]
pub struct Reload {
    store: Store,
    library: Services,
    services: watch::Sender<services::Settings>,
    http: watch::Sender<http::Settings>,
    reconciler: watch::Sender<reconciler::Settings>,
    terminal: watch::Sender<terminal::Settings>,
    outward: watch::Sender<outward::Settings>,
}

impl Reload {
    /// What is read once (the listen address, the database, the server of containers) stays as it was. Where bans and
    /// maintenance can't be written, nothing is changed.
    pub async fn hand_out(&self, config: &Config) -> Result<(), store::Error> {
        self.store.configure(config.closed(), config.bans(), UnixMs::now()).await?;
        self.services.send_modify(|before| *before = config.services().after(before));
        self.http.send_replace(config.http());
        self.reconciler.send_replace(config.reconciler());
        self.terminal.send_replace(config.terminal());
        self.outward.send_if_modified(|now| {
            let wanted = config.outward();
            let is_other = *now != wanted;
            *now = wanted;
            is_other
        });
        Ok(())
    }

    /// Reads the tutorials again, from the directory that was handed out last.
    pub async fn read_tutorials(&self) {
        self.library.read_tutorials().await;
    }
}

impl Application {
    /// Opens the database, reads the tutorials, binds the listener. Containers are not asked for yet.
    pub async fn build(
        config: &Config,
        provider: Arc<dyn Provider>,
        orphans: Orphans,
    ) -> Result<Self, Failure> {
        let (services, services_settings) = watch::channel(config.services());
        let (http, http_settings) = watch::channel(config.http());
        let (reconciler, reconciler_settings) = watch::channel(config.reconciler());
        let (terminal, terminal_settings) = watch::channel(config.terminal());
        let (outward, outward_settings) = watch::channel(config.outward());
        let store = Store::open(&config.database).await.map_err(Failure::new)?;
        // Bans and maintenance are in force before anybody can ask.
        store
            .configure(config.closed(), config.bans(), UnixMs::now())
            .await
            .map_err(Failure::new)?;
        let terminals = Terminals::new(provider.clone(), terminal_settings);
        let (server_state, server_states) = server_state::channel();
        let (links_in_force, links) = links::channel();
        let presence = Presence::default();
        let stopping = CancellationToken::new();
        let tutorials = config.services().tutorials.directory;
        let library = Services::new(services::Parts {
            store: store.clone(),
            provider: provider.clone(),
            terminals: terminals.clone(),
            settings: services_settings,
            server: server_states,
            links,
            presence: presence.clone(),
            stopping: stopping.clone(),
        })
        .map_err(|error| {
            Failure::new(format_args!(
                "can't read the tutorials in {}: {error}",
                tutorials.display()
            ))
            .remedy("Set `directory` in `[tutorials]` to a directory of scenario directories.")
        })?;
        let listen = config.http().listen;
        let (server, address) = http::bind(library.clone(), http_settings).map_err(|error| {
            Failure::new(format_args!("can't listen on {listen}: {error}"))
                .remedy("Set `listen` to a free address and port, or stop what has this one.")
        })?;
        let reload =
            Reload { store: store.clone(), library, services, http, reconciler, terminal, outward };
        let outward = outward::Job::new(outward::Parts {
            provider: provider.clone(),
            store: store.clone(),
            names: Arc::new(outward::System),
            settings: outward_settings,
            links: links_in_force,
        });
        let reconciler = Reconciler::new(reconciler::Parts {
            store: store.clone(),
            provider,
            terminals: terminals.clone(),
            settings: reconciler_settings,
            server: server_state,
            presence,
            orphans,
        });
        Ok(Self { server, address, reconciler, outward, terminals, store, reload, stopping })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives it another configuration while it runs.
    pub fn reload(&self) -> Reload {
        self.reload.clone()
    }

    /// Serves until `stop`: then tells those who are attached, ends requests, waits for what is under way, and
    /// closes the database.
    pub async fn run_until_stopped(self, stop: CancellationToken) -> Result<(), Failure> {
        let Self { server, reconciler, outward, terminals, store, reload, stopping, .. } = self;
        let handle = server.handle();
        let serving = tokio::spawn(server);
        let asked = stop.clone();
        let shutdown = tokio::spawn(async move {
            asked.cancelled().await;
            shut_down(&stopping, &terminals, &handle).await;
        });
        let (services, following) = (reload.library.clone(), stop.clone());
        let following = tokio::spawn(async move {
            tokio::join!(
                services.follow_queue(following.clone()),
                services.follow_tutorials(following)
            )
        });
        let outward = tokio::spawn(outward.run(stop.clone()));
        let reconciled = reconciler.run(stop.clone()).await;
        // Whatever ended the reconciler, the service ends with it.
        stop.cancel();
        let _ = tokio::join!(shutdown, following, outward);
        let served = serving.await;
        store.close().await;
        reconciled.map_err(Failure::new)?;
        match served {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(format_args!("the web server failed: {error}"))),
            Err(error) => Err(Failure::new(format_args!("the web server failed: {error}"))),
        }
    }
}

/// Tells those who are attached, then ends the web server. What has no end of its own (update streams, sockets that wait
/// for a container) is told first: a server that stops waits for every connection.
async fn shut_down(stopping: &CancellationToken, terminals: &Terminals, server: &ServerHandle) {
    stopping.cancel();
    // Within bounds: a browser that takes nothing must not keep the service from ending.
    let _ = tokio::time::timeout(FAREWELL, terminals.shutdown()).await;
    server.stop(true).await;
}
