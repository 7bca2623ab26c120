//! Request bodies: JSON of at most 64 KiB, and what is wrong with it in words that name the key.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use shared::ErrorCode;

use super::error::ApiError;
use crate::services::Error;

/// The largest body of the API.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = actix_web::HttpMessage::content_type(request)
            .split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = web::Payload::from_request(request, payload);
        Box::pin(async move {
            if !is_json {
                return Err(ApiError(Error::new(
                    ErrorCode::UnsupportedType,
                    "Send the body as JSON, with `Content-Type: application/json`.",
                )));
            }
            let payload = bytes.await.map_err(|_| unreadable())?;
            let bytes = payload
                .to_bytes_limited(MAX_BODY_BYTES)
                .await
                .map_err(|_| {
                    ApiError(Error::new(
                        ErrorCode::TooLarge,
                        "The body is larger than 64 KiB. Send less.",
                    ))
                })?
                .map_err(|_| unreadable())?;
            serde_json::from_slice(&bytes).map(Self).map_err(|error| ApiError(describe(&error)))
        })
    }
}

fn unreadable() -> ApiError {
    ApiError(Error::new(ErrorCode::InvalidRequest, "The body broke off. Send the request again."))
}

/// serde's words are good; what is added is the name of the key, where there is one.
fn describe(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    // "unknown field `colour`", "missing field `page`"; other words quote values.
    let field = text.split_once(" field `").and_then(|(_, rest)| rest.split('`').next());
    let message = match error.classify() {
        serde_json::error::Category::Data => format!("The body is not as expected: {text}."),
        _ => format!("The body is not JSON: {text}."),
    };
    match field {
        Some(field) => Error::invalid(field.to_owned(), message),
        None => Error::new(ErrorCode::InvalidRequest, message),
    }
}
