//! The operators' routes.

mod acts;
mod feedback;
mod sessions;
mod statistics;
mod watch;

use actix_web::web;
use serde::Deserialize;

use super::error::resource;
use crate::services::PageQuery;

/// The routes, below the API's prefix.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(resource("/operator/feedback").route(web::get().to(feedback::feedback)))
        .service(resource("/operator/sessions").route(web::get().to(sessions::list)))
        .service(resource("/operator/sessions/{id}").route(web::delete().to(sessions::end)))
        .service(resource("/operator/sessions/{id}/extend").route(web::post().to(sessions::extend)))
        .service(
            resource("/operator/sessions/{id}/terminals/{n}").route(web::get().to(watch::watch)),
        )
        .service(
            resource("/operator/bans")
                .route(web::get().to(acts::bans))
                .route(web::post().to(acts::ban)),
        )
        .service(resource("/operator/bans/{ban}").route(web::delete().to(acts::unban)))
        .service(
            resource("/operator/maintenance")
                .route(web::get().to(acts::maintenance))
                .route(web::put().to(acts::put_maintenance)),
        )
        .service(resource("/operator/statistics").route(web::get().to(statistics::statistics)))
        .service(resource("/operator/audit").route(web::get().to(acts::audit)));
}

/// `?cursor=&limit=`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    cursor: Option<String>,
    limit: Option<u32>,
}

impl From<Paging> for PageQuery {
    fn from(paging: Paging) -> Self {
        Self { cursor: paging.cursor, limit: paging.limit }
    }
}
