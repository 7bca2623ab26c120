//! `GET /operator/sessions/{id}/terminals/{n}`: a visitor's terminal as a websocket speaking `tryit.v1`, output only.
//!
//! As for visitors, every refusal completes the upgrade and closes with a code. The socket ends with its token.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::{ClientAddress, SessionId};
use serde::Deserialize;
use shared::{ErrorCode, terminal::CloseCode};
use tokio::sync::{mpsc, oneshot};

use crate::{
    http::{
        Web,
        auth::client_of,
        error::ApiResult,
        seats::{Kind, Seat},
        socket::{self, Farewell},
        terminals::{farewell, open, token},
    },
    services::{Attachment, Error, Operator, Scope},
};

/// `?[since=N[&epoch=E]]`. The size is the visitor's.
#[derive(Deserialize)]
struct Query {
    since: Option<u64>,
    epoch: Option<String>,
}

/// The handler.
pub async fn watch(
    web: web::Data<Web>,
    request: HttpRequest,
    path: web::Path<(String, u8)>,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let (response, session, messages) = open(&request, payload)?;
    let (id, n) = path.into_inner();
    let client = client_of(&request);
    let (token, query) =
        (token(&request), web::Query::<Query>::from_query(request.query_string()).ok());
    let (status, statuses) = mpsc::channel(8);
    let (admitted, admission) = oneshot::channel();
    let services = web.services.clone();
    let attach = async move {
        let (token, query) = token.zip(query).ok_or(CloseCode::ProtocolError)?;
        let operator = web
            .services
            .operator(Some(&token), Scope::SessionsWatch, client)
            .map_err(|error| refusal(&error))?;
        // An error means that the socket is about to end.
        let _ = admitted.send(token);
        attach(&web, client, &operator, &id, n, query.into_inner(), status).await
    };
    let until = async move {
        match admission.await {
            Ok(token) => services.revoked(&token, Scope::SessionsWatch).await,
            // Never admitted: why, the other end says.
            Err(_) => std::future::pending().await,
        }
        CloseCode::Unauthorized
    };
    actix_web::rt::spawn(async move {
        socket::run(n, session, messages, attach, statuses, until).await;
    });
    Ok(response)
}

/// Waits until the terminal is there and takes a seat for the socket.
async fn attach(
    web: &Web,
    client: ClientAddress,
    operator: &Operator,
    id: &str,
    n: u8,
    query: Query,
    status: mpsc::Sender<String>,
) -> Result<(Attachment, Seat), Farewell> {
    let id: SessionId = id.parse().map_err(|_| CloseCode::NoSuchTerminal)?;
    let seat = web.seats.take(client, id, Kind::Watcher).map_err(|_| CloseCode::TooManySockets)?;
    let received = (query.since, query.epoch.as_deref());
    let attachment = web.services.watch(operator, id, n, received, status).await;
    Ok((attachment.map_err(|refusal| farewell(&refusal))?, seat))
}

fn refusal(error: &Error) -> CloseCode {
    match error.code() {
        ErrorCode::Forbidden => CloseCode::Forbidden,
        ErrorCode::TooManyRequests => CloseCode::TooManySockets,
        _ => CloseCode::Unauthorized,
    }
}
