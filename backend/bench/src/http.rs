//! HTTP/1.1 over a TCP or unix socket, one request at a time: as bare as a client can be.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};

use crate::{Outcome, terminal::Stream};

/// An open connection; one that the server closed meanwhile, as servers do with idle ones, is opened again.
pub struct Http {
    to: To,
    sender: SendRequest<Full<Bytes>>,
}

/// Where a connection leads.
#[derive(Clone)]
enum To {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Http {
    /// Connects by TCP.
    pub async fn tcp(address: SocketAddr) -> Outcome<Self> {
        Self::connect(To::Tcp(address)).await
    }

    /// Connects to a unix socket.
    pub async fn unix(path: &Path) -> Outcome<Self> {
        Self::connect(To::Unix(path.to_owned())).await
    }

    async fn connect(to: To) -> Outcome<Self> {
        let stream: Stream = match &to {
            To::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            To::Unix(path) => Box::new(UnixStream::connect(path).await?),
        };
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender.
        tokio::spawn(connection);
        Ok(Self { to, sender })
    }

    /// Sends a request; status and JSON of the answer.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Outcome<(u16, Value)> {
        let host = match self.to {
            To::Tcp(address) => address.to_string(),
            To::Unix(_) => "lxd".to_owned(),
        };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        if self.sender.ready().await.is_err() {
            *self = Self::connect(self.to.clone()).await?;
        }
        let response = self.sender.send_request(request.body(Full::from(body))?).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }
}
