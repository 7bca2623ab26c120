//! A terminal as a browser sees it (`tryit.v1`, with acknowledgements) or as LXD gives it, behind the same few calls.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::Outcome;

/// What a browser acknowledges at least.
const ACK_EVERY: u64 = 32 * 1024;

/// Either kind of socket.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A connection of either kind.
pub type Stream = Box<dyn Connection>;
/// A websocket over it.
pub type Socket = WebSocketStream<Stream>;

/// An open terminal.
pub struct Terminal {
    socket: Socket,
    protocol: Protocol,
    /// Output that was read and not yet asked for.
    seen: Vec<u8>,
}

enum Protocol {
    /// LXD's: the task answers the control socket's pings and keeps it open.
    Direct(JoinHandle<()>),
    /// Ours.
    Tryit { received: u64, acknowledged: u64 },
}

impl Terminal {
    /// From the two websockets of LXD's exec.
    pub async fn direct(data: Socket, mut control: Socket) -> Outcome<Self> {
        let keep = tokio::spawn(async move { while let Some(Ok(_)) = control.next().await {} });
        Ok(Self { socket: data, protocol: Protocol::Direct(keep), seen: Vec::new() })
    }

    /// A terminal of a session; what is typed before its hello is kept by the service.
    pub async fn of_session(
        address: SocketAddr,
        client: &str,
        (id, token): (&str, &str),
        n: u8,
    ) -> Outcome<Self> {
        let url = format!("ws://{address}/api/v1/sessions/{id}/terminals/{n}?cols=80&rows=24");
        let mut request = url.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", format!("tryit.v1, bearer.{token}").parse()?);
        headers.insert("x-forwarded-for", client.parse()?);
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let (socket, _) = client_async(request, Box::new(tcp) as Stream).await?;
        let protocol = Protocol::Tryit { received: 0, acknowledged: 0 };
        Ok(Self { socket, protocol, seen: Vec::new() })
    }

    /// Types.
    pub async fn type_in(&mut self, text: impl Into<Bytes>) -> Outcome<()> {
        Ok(self.socket.send(Message::Binary(text.into())).await?)
    }

    /// The next output, as it comes.
    pub async fn read(&mut self) -> Outcome<Bytes> {
        loop {
            match self.socket.next().await.ok_or("the terminal was closed")?? {
                Message::Binary(bytes) => {
                    if let Protocol::Tryit { received, acknowledged } = &mut self.protocol {
                        *received += bytes.len() as u64;
                        if *received - *acknowledged >= ACK_EVERY {
                            self.acknowledge().await?;
                        }
                    }
                    return Ok(bytes);
                }
                Message::Text(text) => self.told(&text)?,
                Message::Close(why) => {
                    return Err(format!(
                        "the terminal was closed: {}",
                        why.map(|why| u16::from(why.code)).unwrap_or(1005)
                    )
                    .into());
                }
                _ => {}
            }
        }
    }

    /// Reads until the output since the last call holds this.
    pub async fn until(&mut self, text: &str) -> Outcome<()> {
        let text = text.as_bytes();
        loop {
            let found = self.seen.windows(text.len()).position(|window| window == text);
            if let Some(at) = found {
                self.seen.drain(..at + text.len());
                return self.acknowledge().await;
            }
            let from = self.seen.len().saturating_sub(text.len());
            self.seen.drain(..from);
            let bytes = self.read().await?;
            self.seen.extend_from_slice(&bytes);
        }
    }

    /// Reads so many bytes.
    pub async fn take(&mut self, mut bytes: u64) -> Outcome<()> {
        bytes = bytes.saturating_sub(self.seen.len() as u64);
        self.seen.clear();
        while bytes > 0 {
            let more = self.read().await?.len() as u64;
            bytes = bytes.checked_sub(more).ok_or("more output than was asked for")?;
        }
        self.acknowledge().await
    }

    /// Types something and waits for its answer.
    pub async fn ask(&mut self, text: &str, answer: &str) -> Outcome<()> {
        self.type_in(text.to_owned()).await?;
        self.until(answer).await
    }

    async fn acknowledge(&mut self) -> Outcome<()> {
        if let Protocol::Tryit { received, acknowledged } = &mut self.protocol
            && received > acknowledged
        {
            *acknowledged = *received;
            let ack = format!("{{\"ack\":{received}}}");
            self.socket.send(Message::text(ack)).await?;
        }
        Ok(())
    }

    fn told(&mut self, text: &str) -> Outcome<()> {
        let Protocol::Tryit { received, acknowledged } = &mut self.protocol else {
            return Err("the command has ended".into());
        };
        let frame: Value = serde_json::from_str(text)?;
        if frame.get("gap").is_some() {
            return Err("output was lost".into());
        }
        if let Some(from) = frame.pointer("/hello/from").and_then(Value::as_u64) {
            (*received, *acknowledged) = (from, from);
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Protocol::Direct(keep) = &self.protocol {
            // Closing the control socket ends the command.
            keep.abort();
        }
    }
}
