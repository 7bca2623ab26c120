//! What every request passes: `Host`, `Origin`, the client's address; and what every answer carries: the headers
//! that keep a browser from doing what the page does not need.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use bytes::Bytes;
use domain::{ClientAddress, address::UNKNOWN};
use shared::ErrorCode;

use super::{
    Web,
    client_address::client_address,
    connections::{Connection, UnderWay},
    error::ApiError,
    origin,
};
use crate::services;

/// The client's address, as an extension of the request.
#[derive(Clone, Copy)]
pub struct Client(pub ClientAddress);

/// What the page may do. `unsafe-eval` is not needed: `wasm-unsafe-eval` admits the page's own module and no script
/// text. Styles are set by the terminal, element by element.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// Checks a request, then dresses its answer.
pub async fn shield(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (under_way, is_surplus) = match request.conn_data::<Connection>() {
        Some(connection) => (Some(connection.begin()), connection.is_surplus),
        None => (None, false),
    };
    let refused = if is_surplus { Some(too_many()) } else { admit(&request).err() };
    let policy = policy(&request);
    let mut response = match refused {
        Some(error) => request.error_response(ApiError(error)).map_into_right_body(),
        None => next.call(request).await?.map_into_left_body(),
    };
    dress(response.headers_mut(), policy);
    if is_surplus {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, body| Answer { body: body.boxed(), _under_way: under_way }))
}

/// An answer's body, during which its request is under way.
struct Answer {
    body: BoxBody,
    _under_way: Option<UnderWay>,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

fn too_many() -> services::Error {
    let message = "Too many connections are open from your address. Close some, then try again.";
    services::Error::new(ErrorCode::TooManyRequests, message)
}

/// What the answer says of what the page may do: only the framed page may be in a frame.
fn policy(request: &ServiceRequest) -> HeaderValue {
    let framed = request.path().starts_with("/e/").then(|| web_of(request)).flatten();
    framed
        .and_then(|web| {
            let ancestors = web.settings.borrow().frame_ancestors.join(" ");
            let policy = POLICY.replace("ancestors 'none'", &format!("ancestors {ancestors}"));
            HeaderValue::from_str(&policy).ok()
        })
        .unwrap_or_else(|| HeaderValue::from_static(POLICY))
}

fn web_of(request: &ServiceRequest) -> Option<&web::Data<Web>> {
    request.app_data::<web::Data<Web>>()
}

fn admit(request: &ServiceRequest) -> services::Result<()> {
    let Some(web) = web_of(request) else { return Ok(()) };
    let settings = web.settings.borrow();
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = peer.map_or(UNKNOWN, |peer| {
        client_address(peer, request.headers(), settings.client_header, &settings.trusted)
    });
    request.extensions_mut().insert(Client(client));
    if matches!(request.path(), "/healthz" | "/readyz") {
        return Ok(());
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    origin::check_host(&settings, host)?;
    let upgrades = request.headers().contains_key(header::UPGRADE);
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // A refused websocket is told by its own handler, since that is the one GET that opens something.
    if changes || upgrades {
        origin::check_origin(&settings, host.unwrap_or_default(), request.headers())?;
    }
    Ok(())
}

fn dress(headers: &mut header::HeaderMap, policy: HeaderValue) {
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
    if !headers.contains_key(&resource_policy) {
        headers.insert(resource_policy, HeaderValue::from_static("same-origin"));
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
