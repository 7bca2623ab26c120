//! The session view as server-sent events: the first at once, then one for each change, until the session has ended.

use actix_web::{HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::stream;
use shared::session::SessionView;

use super::{Web, auth::Holder, error::ApiResult, seats::Kind};
use crate::services::{Error, Update};

/// `GET /sessions/{id}/updates`.
pub async fn updates(
    web: web::Data<Web>,
    request: actix_web::HttpRequest,
    holder: Holder,
) -> ApiResult<HttpResponse> {
    let seat = web.seats.take(super::auth::client_of(&request), holder.0.id(), Kind::Stream)?;
    let source = web.services.updates(&holder.0).await?;
    let body = stream::unfold(Some((source, seat)), |state| async {
        let (mut source, seat) = state?;
        let chunk = match source.next().await? {
            Update::View(view) => message(&view),
            Update::Nothing => Ok(Bytes::from_static(b": still here\n\n")),
        };
        Some((chunk, Some((source, seat))))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body))
}

fn message(view: &SessionView) -> Result<Bytes, actix_web::Error> {
    let json = serde_json::to_string(view)
        .map_err(|error| actix_web::Error::from(super::error::ApiError(Error::internal(&error))))?;
    Ok(Bytes::from(format!("data: {json}\n\n")))
}
