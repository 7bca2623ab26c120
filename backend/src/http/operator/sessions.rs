//! Live sessions: look, end, extend.

use actix_web::{HttpResponse, web};
use domain::SessionId;
use shared::{
    feedback::Page,
    operator::{ExtendRequest, SessionItem},
};

use super::Paging;
use crate::{
    http::{Web, auth::OperatorToken, body::OptionalBody, error::ApiResult, query::Query},
    services::{Error, Scope},
};

/// `GET /operator/sessions`.
pub async fn list(
    web: web::Data<Web>,
    operator: OperatorToken,
    paging: ApiResult<Query<Paging>>,
) -> ApiResult<web::Json<Page<SessionItem>>> {
    operator.allow(Scope::SessionsRead)?;
    Ok(web::Json(web.services.live_sessions(paging?.0.into()).await?))
}

/// `DELETE /operator/sessions/{id}`.
pub async fn end(
    web: web::Data<Web>,
    operator: OperatorToken,
    path: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let by = operator.allow(Scope::SessionsWrite)?;
    web.services.end_session(&by, id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /operator/sessions/{id}/extend`.
pub async fn extend(
    web: web::Data<Web>,
    operator: OperatorToken,
    path: web::Path<String>,
    body: ApiResult<OptionalBody<ExtendRequest>>,
) -> ApiResult<web::Json<SessionItem>> {
    let by = operator.allow(Scope::SessionsWrite)?;
    Ok(web::Json(web.services.extend_session(&by, id(&path)?, body?.0).await?))
}

fn id(text: &str) -> Result<SessionId, Error> {
    text.parse().map_err(|_| Error::not_found("There is no such session."))
}
