//! A websocket of the server that several tasks use at once.

use std::{
    fmt,
    future::poll_fn,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{FutureExt, Sink, Stream};
use reqwest::Url;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};
use tungstenite::{Message, protocol::WebSocketConfig};

use super::{fault, read_ahead::ReadAhead, read_first::ReadFirst};
use crate::{Error, Result};

/// How long a farewell may take; after that the connection is cut.
const FAREWELL: Duration = Duration::from_secs(1);

/// How much a socket may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Buffers {
    /// Terminal bytes, in frames of a few KiB.
    Data,
    /// Short messages.
    Control,
    /// Events, which describe whole operations.
    Events,
}

impl Buffers {
    fn config(self) -> WebSocketConfig {
        const KIB: usize = 1024;
        // The default read buffer, 128 KiB, would be most of what a terminal costs.
        let (read, message) = match self {
            Self::Data => (8 * KIB, 256 * KIB),
            Self::Control => (KIB, 64 * KIB),
            Self::Events => (4 * KIB, 4096 * KIB),
        };
        WebSocketConfig::default()
            .read_buffer_size(read)
            .write_buffer_size(0)
            .max_write_buffer_size(128 * KIB)
            .max_message_size(Some(message))
            .max_frame_size(Some(message))
    }
}

/// Opens connections to one server.
pub(super) enum Dialer {
    /// By its unix socket.
    Unix(PathBuf),
    /// By TLS.
    Tls {
        /// Host and port, as a URL has them.
        authority: String,
        /// What the server is addressed as in the handshake.
        name: ServerName<'static>,
        /// The client's certificate and the server's.
        connector: TlsConnector,
    },
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

impl Dialer {
    /// By TLS to the host of `base`.
    pub fn tls(base: &Url, config: ClientConfig) -> Result<Self> {
        let host = base.host_str().unwrap_or_default();
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|why| Error::Refused(format!("{host}: {why}")))?;
        let authority = format!("{host}:{}", base.port_or_known_default().unwrap_or(8443));
        Ok(Self::Tls { authority, name, connector: TlsConnector::from(Arc::new(config)) })
    }

    /// Opens a websocket at the path and query of `url`.
    pub async fn open(&self, url: &Url, buffers: Buffers) -> Result<Socket> {
        let lost = |error: std::io::Error| Error::Unreachable(format!("{self}: {error}"));
        let (connection, origin): (Box<dyn Connection>, _) = match self {
            Self::Unix(path) => (
                Box::new(ReadAhead::new(ReadFirst(UnixStream::connect(path).await.map_err(lost)?))),
                "ws://lxd".to_owned(),
            ),
            Self::Tls { authority, name, connector } => {
                let stream = TcpStream::connect(authority.as_str()).await.map_err(lost)?;
                // Keystrokes are small: none waits for the next one.
                stream.set_nodelay(true).map_err(lost)?;
                let stream = connector.connect(name.clone(), stream).await.map_err(lost)?;
                (Box::new(ReadFirst(stream)), format!("wss://{authority}"))
            }
        };
        let address = format!("{origin}{}?{}", url.path(), url.query().unwrap_or_default());
        let (stream, _) = client_async_with_config(address, connection, Some(buffers.config()))
            .await
            .map_err(fault::websocket)?;
        Ok(Socket(Mutex::new(stream)))
    }
}

impl fmt::Display for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tls { authority, .. } => f.write_str(authority),
        }
    }
}

/// An open websocket. One task may receive while another sends; the lock is held for a poll only.
pub(super) struct Socket(Mutex<WebSocketStream<Box<dyn Connection>>>);

impl Socket {
    /// The next message, pings included (they are answered by themselves); none when the server has closed.
    /// Cancel-safe.
    pub async fn receive(&self) -> Result<Option<Message>> {
        match self.poll(|stream, cx| stream.poll_next(cx)).await {
            None | Some(Ok(Message::Close(_))) => Ok(None),
            Some(Ok(message)) => Ok(Some(message)),
            Some(Err(error)) => Err(fault::websocket(error)),
        }
    }

    /// The next message, if it is here already. The task that calls it must not wait for anything else before it
    /// receives again: nothing wakes it.
    pub fn receive_now(&self) -> Option<Result<Option<Message>>> {
        self.receive().now_or_never()
    }

    /// Hands a message to the server's end of the connection. Not cancel-safe: the message may be sent or not.
    pub async fn send(&self, message: Message) -> Result<()> {
        self.poll(|stream, cx| stream.poll_ready(cx)).await.map_err(fault::websocket)?;
        Pin::new(&mut *self.stream()).start_send(message).map_err(fault::websocket)?;
        self.poll(|stream, cx| stream.poll_flush(cx)).await.map_err(fault::websocket)
    }

    /// Says farewell. The connection itself ends when the socket is dropped.
    pub async fn close(&self) {
        // A failure means that the other end is gone already.
        let _ = tokio::time::timeout(FAREWELL, self.poll(|stream, cx| stream.poll_close(cx))).await;
    }

    async fn poll<T>(
        &self,
        mut step: impl FnMut(
            Pin<&mut WebSocketStream<Box<dyn Connection>>>,
            &mut Context<'_>,
        ) -> Poll<T>,
    ) -> T {
        poll_fn(|cx| step(Pin::new(&mut *self.stream()), cx)).await
    }

    fn stream(&self) -> MutexGuard<'_, WebSocketStream<Box<dyn Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
