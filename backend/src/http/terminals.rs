//! `GET /sessions/{id}/terminals/{n}`: a websocket speaking `tryit.v1`.
//!
//! A browser cannot see the status of a failed upgrade, so every refusal (but of `Host` and `Origin`) completes it
//! and closes with a code.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use actix_ws::AggregatedMessageStream;
use domain::ClientAddress;
use serde::Deserialize;
use shared::terminal::{BEARER_PREFIX, CloseCode, MAX_BINARY_BYTES, NoticeCode, PROTOCOL, Size};

use super::{
    Web,
    auth::client_of,
    error::{ApiError, ApiResult},
    seats::{Kind, Seat},
    socket::{self, Farewell},
};
use crate::services::{Attachment, Error, TerminalRefusal, TerminalRequest, Visitor};

/// `?cols=&rows=[&since=N[&epoch=E]][&new=1]`.
#[derive(Deserialize)]
struct Query {
    cols: u16,
    rows: u16,
    since: Option<u64>,
    epoch: Option<String>,
    new: Option<u8>,
}

/// The handler.
pub async fn terminal(
    web: web::Data<Web>,
    request: HttpRequest,
    path: web::Path<(String, u8)>,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let (response, session, messages) = open(&request, payload)?;
    let ask = parse(&request);
    let (id, n) = path.into_inner();
    let client = client_of(&request);
    let (status, statuses) = tokio::sync::mpsc::channel(8);
    let attach = async move {
        let (token, request) = ask.ok_or(CloseCode::ProtocolError)?;
        let visitor =
            web.services.authenticate(&id, &token).await.map_err(|_| CloseCode::Unauthorized)?;
        attach(&web, client, &visitor, n, request, status).await
    };
    let socket = socket::run(n, session, messages, attach, statuses, std::future::pending());
    actix_web::rt::spawn(socket);
    Ok(response)
}

/// Completes the upgrade.
pub fn open(
    request: &HttpRequest,
    payload: web::Payload,
) -> ApiResult<(HttpResponse, actix_ws::Session, AggregatedMessageStream)> {
    let not_a_websocket =
        |_| ApiError(Error::new(shared::ErrorCode::InvalidRequest, "Open this as a websocket."));
    let (response, session, messages) =
        actix_ws::handle_with_protocols(request, payload, &[PROTOCOL]).map_err(not_a_websocket)?;
    let messages = messages.max_frame_size(MAX_BINARY_BYTES).aggregate_continuations();
    Ok((response, session, messages.max_continuation_size(MAX_BINARY_BYTES)))
}

/// The token and what is asked for; none where the protocol was not offered or the query makes no sense.
fn parse(request: &HttpRequest) -> Option<(String, TerminalRequest)> {
    let token = token(request)?;
    let query = web::Query::<Query>::from_query(request.query_string()).ok()?.into_inner();
    let size = Size { cols: query.cols, rows: query.rows };
    let restart = query.new == Some(1);
    let wanted = TerminalRequest { size, since: query.since, epoch: query.epoch, restart };
    size.is_valid().then_some((token, wanted))
}

/// The token among the protocols that a websocket offers, perhaps empty; none where ours is not offered.
pub fn token(request: &HttpRequest) -> Option<String> {
    let protocols: Vec<&str> = request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(',').map(str::trim))
        .collect();
    let token = protocols.iter().find_map(|entry| entry.strip_prefix(BEARER_PREFIX));
    protocols.contains(&PROTOCOL).then(|| token.unwrap_or_default().to_owned())
}

/// Waits until the terminal is there and takes a seat for the socket.
async fn attach(
    web: &Web,
    client: ClientAddress,
    visitor: &Visitor,
    n: u8,
    request: TerminalRequest,
    status: tokio::sync::mpsc::Sender<String>,
) -> Result<(Attachment, Seat), Farewell> {
    if !web.services.has_terminal(n) {
        return Err(CloseCode::NoSuchTerminal.into());
    }
    let early = web.seats.take(client, visitor.id(), Kind::Socket);
    // Where the oldest browser of this very terminal is about to make room, its seat is about to be free, too.
    if early.is_err() && !web.services.terminal_is_full(visitor, n).await {
        return Err(CloseCode::TooManySockets.into());
    }
    let attachment = web
        .services
        .attach(visitor, n, request, status)
        .await
        .map_err(|refusal| farewell(&refusal))?;
    let seat = match early {
        Ok(seat) => seat,
        Err(_) => web
            .seats
            .take_soon(client, visitor.id(), Kind::Socket)
            .await
            .ok_or(CloseCode::TooManySockets)?,
    };
    Ok((attachment, seat))
}

/// What to say where there is no terminal.
pub fn farewell(refusal: &TerminalRefusal) -> Farewell {
    match refusal {
        TerminalRefusal::NoSuchTerminal => CloseCode::NoSuchTerminal.into(),
        TerminalRefusal::NotStarted => CloseCode::NotStarted.into(),
        TerminalRefusal::SessionEnded => CloseCode::SessionEnded.into(),
        TerminalRefusal::Unavailable => CloseCode::Unavailable.into(),
        TerminalRefusal::Restarting => CloseCode::Restarting.into(),
        // The page offers to try again, and does not do so by itself: each try costs what the container lacks.
        TerminalRefusal::Exhausted => {
            Farewell { notice: Some(NoticeCode::ContainerExhausted), code: CloseCode::Ended }
        }
    }
}
