//! Request bodies: JSON of at most 64 KiB, and what is wrong with it in words that name the key.

use std::time::Duration;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use shared::ErrorCode;
use tokio::time::timeout;

use super::error::ApiError;
use crate::services::Error;

/// The largest body of the API.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// How long a client may take to send it: a bad telephone line needs a few seconds.
const BODY_DEADLINE: Duration = Duration::from_secs(20);

/// A JSON body.
pub struct Body<T>(pub T);

/// A JSON body that may be left out.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (is_json, bytes) = (is_json(request), read(request, payload));
        Box::pin(async move {
            if !is_json {
                return Err(no_json());
            }
            parse(&bytes.await?).map(Self)
        })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (is_json, bytes) = (is_json(request), read(request, payload));
        Box::pin(async move {
            match bytes.await? {
                empty if empty.is_empty() => Ok(Self(T::default())),
                _ if !is_json => Err(no_json()),
                bytes => parse(&bytes).map(Self),
            }
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    actix_web::HttpMessage::content_type(request)
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn no_json() -> ApiError {
    ApiError(Error::new(
        ErrorCode::UnsupportedType,
        "Send the body as JSON, with `Content-Type: application/json`.",
    ))
}

/// The whole body, if it is not too long.
fn read(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, ApiError>> + use<> {
    let payload = web::Payload::from_request(request, payload);
    let too_large =
        || ApiError(Error::new(ErrorCode::TooLarge, "The body is larger than 64 KiB. Send less."));
    async move {
        let payload = payload.await.map_err(|_| unreadable())?;
        let bytes = timeout(BODY_DEADLINE, payload.to_bytes_limited(MAX_BODY_BYTES)).await;
        let bytes = bytes.map_err(|_| unreadable())?.map_err(|_| too_large())?;
        bytes.map_err(|_| unreadable())
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| ApiError(describe(&error)))
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
