//! The web: extract, one service call, map. No SQL, no LXD call, no branch on a session's state.

mod accept;
mod assets;
mod auth;
mod body;
mod client_address;
mod connections;
mod error;
mod frames;
mod operator;
mod origin;
mod pressed;
mod public;
mod query;
mod seats;
mod sessions;
pub mod settings;
mod shield;
mod socket;
mod terminals;
mod updates;

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer, dev::Server, middleware, web};
use shared::API;
use tokio::sync::watch;

pub use settings::Settings;

use crate::services::Services;

/// How long a client may take to send its headers.
const HEADERS_DEADLINE: Duration = Duration::from_secs(5);
/// How long requests may go on once the service is stopping.
const SHUTDOWN_SECONDS: u64 = 5;

/// What handlers share.
pub struct Web {
    services: Services,
    settings: watch::Receiver<Settings>,
    seats: seats::Seats,
    pressed: pressed::Pressed,
}

/// Binds the listener. The server runs once it is awaited, and stops by its handle.
pub fn bind(
    services: Services,
    settings: watch::Receiver<Settings>,
) -> io::Result<(Server, SocketAddr)> {
    let (listen, workers) = {
        let settings = settings.borrow();
        (settings.listen, settings.workers)
    };
    let (connections, trust) = (connections::Connections::default(), settings.clone());
    let web = web::Data::new(Web {
        services,
        settings,
        seats: seats::Seats::default(),
        pressed: pressed::Pressed::default(),
    });
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web.clone())
            .app_data(web::PathConfig::default().error_handler(error::path))
            .wrap(middleware::from_fn(shield::shield))
            .configure(public::configure_health)
            .service(
                web::scope(API)
                    .configure(public::configure)
                    .configure(sessions::configure)
                    .configure(operator::configure)
                    .default_service(web::to(error::not_found)),
            )
            .configure(assets::configure)
            .default_service(web::to(assets::missing_page))
    })
    .on_connect(move |connection, data| connections.welcome(&trust.borrow(), connection, data))
    .client_request_timeout(HEADERS_DEADLINE)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .tcp_nodelay(true)
    .disable_signals();
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let server = server.bind(listen)?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    Ok((server.run(), address))
}
