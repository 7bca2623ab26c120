//! A connection on which a write that comes too late is no error.
//!
//! The server closes a socket as soon as it has sent everything. Whoever then answers a ping would get an error and
//! never read what is still waiting to be read. So the end of a connection is told by reading alone.

use std::{
    io::{Error, ErrorKind, Result},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Writes that the other end no longer takes count as written.
pub(super) struct ReadFirst<S>(pub S);

impl<S: AsyncRead + Unpin> AsyncRead for ReadFirst<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadFirst<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes).map(|written| forgive(written, bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx).map(|flushed| forgive(flushed, ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx).map(|shut| forgive(shut, ()))
    }
}

fn forgive<T>(result: Result<T>, instead: T) -> Result<T> {
    let is_late =
        |error: &Error| matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset);
    match result {
        Err(error) if is_late(&error) => Ok(instead),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
    };

    use super::*;

    #[tokio::test]
    async fn what_was_sent_before_the_end_is_read_after_a_late_write() {
        let (mut server, client) = UnixStream::pair().unwrap();
        server.write_all(b"last words").await.unwrap();
        drop(server);
        let mut client = ReadFirst(client);
        client.write_all(b"pong").await.unwrap();
        client.flush().await.unwrap();
        let mut words = String::new();
        client.read_to_string(&mut words).await.unwrap();
        assert_eq!(words, "last words");
    }
}
