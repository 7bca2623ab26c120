//! A session's routes: start, look, end, extend, reset, progress, steps, feedback.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use shared::{
    feedback::Feedback,
    session::{
        CheckResponse, LinkRequest, ProgressRequest, SessionView, StartRequest, StartResponse,
    },
};

use super::{
    Web,
    auth::{Holder, client_of},
    body::Body,
    error::{ApiResult, resource},
    terminals, updates,
};
use crate::services::Error;

/// The routes, below the API's prefix.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(resource("/sessions").route(web::post().to(start)))
        .service(resource("/sessions/{id}").route(web::get().to(view)).route(web::delete().to(end)))
        .service(resource("/sessions/{id}/updates").route(web::get().to(updates::updates)))
        .service(resource("/sessions/{id}/claim").route(web::post().to(claim)))
        .service(resource("/sessions/{id}/extend").route(web::post().to(extend)))
        .service(resource("/sessions/{id}/reset").route(web::post().to(reset)))
        .service(resource("/sessions/{id}/links").route(web::post().to(link)))
        .service(resource("/sessions/{id}/progress").route(web::put().to(progress)))
        .service(resource("/sessions/{id}/steps/{step}/enter").route(web::post().to(enter)))
        .service(resource("/sessions/{id}/steps/{step}/check").route(web::post().to(check)))
        .service(resource("/sessions/{id}/steps/{step}/solve").route(web::post().to(solve)))
        .service(
            resource("/sessions/{id}/feedback")
                .route(web::get().to(feedback))
                .route(web::put().to(put_feedback)),
        )
        .service(
            resource("/sessions/{id}/terminals/{n}").route(web::get().to(terminals::terminal)),
        );
}

async fn start(
    web: web::Data<Web>,
    request: HttpRequest,
    body: Body<StartRequest>,
) -> ApiResult<HttpResponse> {
    let key = match request.headers().get("idempotency-key") {
        Some(key) => Some(
            key.to_str()
                .map_err(|_| Error::invalid("Idempotency-Key", "Send it as plain ASCII."))?,
        ),
        None => None,
    };
    let started: StartResponse = web.services.start(client_of(&request), body.0, key).await?;
    Ok(HttpResponse::Created().json(started))
}

async fn view(web: web::Data<Web>, holder: Holder) -> ApiResult<web::Json<SessionView>> {
    Ok(web::Json(web.services.view(&holder.0).await?))
}

async fn end(web: web::Data<Web>, holder: Holder) -> ApiResult<HttpResponse> {
    web.services.end(&holder.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn claim(web: web::Data<Web>, holder: Holder) -> ApiResult<web::Json<SessionView>> {
    Ok(web::Json(web.services.claim(&holder.0).await?))
}

async fn extend(web: web::Data<Web>, holder: Holder) -> ApiResult<web::Json<SessionView>> {
    Ok(web::Json(web.services.extend(&holder.0).await?))
}

async fn reset(web: web::Data<Web>, holder: Holder) -> ApiResult<web::Json<SessionView>> {
    Ok(web::Json(web.services.reset(&holder.0).await?))
}

async fn link(
    web: web::Data<Web>,
    holder: Holder,
    body: Body<LinkRequest>,
) -> ApiResult<web::Json<SessionView>> {
    Ok(web::Json(web.services.link(&holder.0, body.0).await?))
}

async fn progress(
    web: web::Data<Web>,
    holder: Holder,
    body: Body<ProgressRequest>,
) -> ApiResult<web::Json<SessionView>> {
    Ok(web::Json(web.services.put_progress(&holder.0, body.0).await?))
}

/// `{step}` of a route; `{id}` belongs to [`Holder`].
#[derive(Deserialize)]
struct Step {
    step: String,
}

async fn enter(
    web: web::Data<Web>,
    holder: Holder,
    path: web::Path<Step>,
) -> ApiResult<HttpResponse> {
    web.services.enter(&holder.0, &path.step).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn check(
    web: web::Data<Web>,
    holder: Holder,
    path: web::Path<Step>,
) -> ApiResult<web::Json<CheckResponse>> {
    Ok(web::Json(web.services.check(&holder.0, &path.step).await?))
}

async fn solve(
    web: web::Data<Web>,
    holder: Holder,
    path: web::Path<Step>,
) -> ApiResult<HttpResponse> {
    web.services.solve(&holder.0, &path.step).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn feedback(web: web::Data<Web>, holder: Holder) -> ApiResult<web::Json<Feedback>> {
    Ok(web::Json(web.services.feedback(&holder.0).await?))
}

async fn put_feedback(
    web: web::Data<Web>,
    holder: Holder,
    body: Body<Feedback>,
) -> ApiResult<web::Json<Feedback>> {
    Ok(web::Json(web.services.put_feedback(&holder.0, body.0).await?))
}
