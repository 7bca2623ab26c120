//! `GET /operator/statistics`: how many sessions there were, of how many visitors.

use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;
use shared::statistics::Period;

use crate::{
    http::{Web, auth::OperatorToken, error::ApiResult, query::Query},
    services::{Scope, StatisticsQuery},
};

/// What is to be counted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    period: Period,
    #[serde(default)]
    unique: bool,
    network: Option<String>,
}

/// The handler.
pub async fn statistics(
    web: web::Data<Web>,
    operator: OperatorToken,
    query: ApiResult<Query<Asked>>,
) -> ApiResult<HttpResponse> {
    operator.allow(Scope::StatisticsRead)?;
    let Asked { period, unique, network } = query?.0;
    let counted = web.services.statistics(StatisticsQuery { period, unique, network }).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(counted))
}
