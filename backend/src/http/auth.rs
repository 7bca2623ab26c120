//! Who holds a token: extractors for a session's visitor and for an operator.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;

use super::{Web, error::ApiError, shield::Client};
use crate::services::{Error, Operator, Scope, Visitor};

/// The `Authorization: Bearer` token of a request.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn web_data(request: &HttpRequest) -> Result<web::Data<Web>, ApiError> {
    let missing = || ApiError(Error::internal(&"the application's data is missing"));
    request.app_data::<web::Data<Web>>().cloned().ok_or_else(missing)
}

/// The visitor of `{id}`: the token belongs to that session.
pub struct Holder(pub Visitor);

impl FromRequest for Holder {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let id = request.match_info().get("id").unwrap_or_default();
            let token = bearer(&request).ok_or_else(Error::unauthorized)?;
            let visitor = web_data(&request)?.services.authenticate(id, token).await?;
            Ok(Self(visitor))
        })
    }
}

/// What an operator's request carries; the scope is checked by the service that is asked.
pub struct OperatorToken {
    token: Option<String>,
    web: web::Data<Web>,
    client: domain::ClientAddress,
}

impl OperatorToken {
    /// The operator, when the token has the scope.
    pub fn allow(&self, scope: Scope) -> Result<Operator, ApiError> {
        Ok(self.web.services.operator(self.token.as_deref(), scope, self.client)?)
    }
}

impl FromRequest for OperatorToken {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer(request).map(str::to_owned);
        std::future::ready(web_data(request).map(|web| Self {
            token,
            web,
            client: client_of(request),
        }))
    }
}

/// The client's address of a request that passed the shield.
pub fn client_of(request: &HttpRequest) -> domain::ClientAddress {
    request.extensions().get::<Client>().map_or(domain::address::UNKNOWN, |client| client.0)
}
