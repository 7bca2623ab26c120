//! The session view as server-sent events: the first at once, then one for each change, until the session has ended.

use std::time::Duration;

use actix_web::{HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::stream;
use shared::session::SessionView;
use tokio::time::timeout;

use super::{Web, auth::Holder, error::ApiResult, seats::Kind};
use crate::services::Error;

/// What is said when there is nothing to say, well before a proxy (often after 15 s) cuts a silent connection. Only a
/// write that fails tells that the browser has gone, and until then it keeps its place in the queue: hence this often.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

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
        let chunk = match timeout(KEEP_ALIVE, source.next()).await {
            Ok(Some(view)) => message(&view),
            Ok(None) => return None,
            Err(_) => Ok(Bytes::from_static(b": still here\n\n")),
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
