//! A service's refusal as HTTP: the status of its code, the one JSON envelope.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{StatusCode, header},
    web,
};
use shared::{ErrorCode, ErrorEnvelope};

use crate::services;

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

/// A refusal on its way out.
#[derive(Debug)]
pub struct ApiError(pub services::Error);

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Into<services::Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(after) = self.0.retry_hint() {
            response.insert_header((header::RETRY_AFTER, after.as_secs().max(1).to_string()));
        }
        if self.0.code() == ErrorCode::Unauthorized {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.json(ErrorEnvelope { error: self.0.body() })
    }
}

/// A route that says so when it is asked with a method it does not have.
pub fn resource(path: &'static str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(method_not_allowed))
}

/// Below the API, what no route matches.
pub async fn not_found() -> ApiResult<HttpResponse> {
    Err(ApiError(services::Error::not_found("There is nothing at this address.")))
}

async fn method_not_allowed(request: HttpRequest) -> ApiResult<HttpResponse> {
    let message = format!("{} is not possible here.", request.method());
    Err(ApiError(services::Error::new(ErrorCode::MethodNotAllowed, message)))
}

/// A part of the path that is not as expected.
pub fn path(_: actix_web::error::PathError, _: &HttpRequest) -> actix_web::Error {
    ApiError(services::Error::not_found("There is nothing at this address.")).into()
}
