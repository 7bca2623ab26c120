//! Bans, maintenance, and the audit of it all.

use actix_web::{HttpResponse, web};
use domain::BanId;
use shared::{
    feedback::Page,
    operator::{AuditItem, Ban, BanRequest, Maintenance, MaintenanceRequest},
};

use super::Paging;
use crate::{
    http::{Web, auth::OperatorToken, body::Body, error::ApiResult, query::Query},
    services::{Error, Scope},
};

/// `GET /operator/bans`.
pub async fn bans(
    web: web::Data<Web>,
    operator: OperatorToken,
    paging: ApiResult<Query<Paging>>,
) -> ApiResult<web::Json<Page<Ban>>> {
    operator.allow(Scope::BansWrite)?;
    Ok(web::Json(web.services.bans(paging?.0.into()).await?))
}

/// `POST /operator/bans`.
pub async fn ban(
    web: web::Data<Web>,
    operator: OperatorToken,
    body: ApiResult<Body<BanRequest>>,
) -> ApiResult<HttpResponse> {
    let by = operator.allow(Scope::BansWrite)?;
    Ok(HttpResponse::Created().json(web.services.ban(&by, body?.0).await?))
}

/// `DELETE /operator/bans/{ban}`.
pub async fn unban(
    web: web::Data<Web>,
    operator: OperatorToken,
    path: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let by = operator.allow(Scope::BansWrite)?;
    let id: BanId = path.parse().map_err(|_| Error::not_found("There is no such ban."))?;
    web.services.unban(&by, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /operator/maintenance`.
pub async fn maintenance(
    web: web::Data<Web>,
    operator: OperatorToken,
) -> ApiResult<web::Json<Maintenance>> {
    operator.allow(Scope::MaintenanceWrite)?;
    Ok(web::Json(web.services.maintenance().await?))
}

/// `PUT /operator/maintenance`.
pub async fn put_maintenance(
    web: web::Data<Web>,
    operator: OperatorToken,
    body: ApiResult<Body<MaintenanceRequest>>,
) -> ApiResult<web::Json<Maintenance>> {
    let by = operator.allow(Scope::MaintenanceWrite)?;
    Ok(web::Json(web.services.put_maintenance(&by, body?.0).await?))
}

/// `GET /operator/audit`. It names sessions and networks, as the list of sessions does: the same scope reads both.
pub async fn audit(
    web: web::Data<Web>,
    operator: OperatorToken,
    paging: ApiResult<Query<Paging>>,
) -> ApiResult<web::Json<Page<AuditItem>>> {
    operator.allow(Scope::SessionsRead)?;
    Ok(web::Json(web.services.audit(paging?.0.into()).await?))
}
