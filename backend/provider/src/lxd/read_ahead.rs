//! A connection that takes in with one read what the other end sent in many writes.
//!
//! A command's output comes in frames of 4 KiB, and a websocket reads no more at once than what every terminal keeps
//! room for all the time. So that a flood does not cost a system call for each two frames, this reads far ahead while
//! there is a flood, and gives the memory back when there is none.

use std::{
    io::Result,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::io::poll_read_buf;

/// How far is read ahead.
const AHEAD: usize = 64 * 1024;

/// Reads ahead where more waits than is asked for.
pub(super) struct ReadAhead<S> {
    inner: S,
    ahead: BytesMut,
    /// Whether the last read got as much as it could take.
    more: bool,
}

impl<S> ReadAhead<S> {
    pub fn new(inner: S) -> Self {
        Self { inner, ahead: BytesMut::new(), more: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let Self { inner, ahead, more } = self.get_mut();
        let inner = Pin::new(inner);
        if ahead.is_empty() && !*more {
            let read = inner.poll_read(cx, buffer);
            *more = buffer.remaining() == 0;
            return read;
        }
        if ahead.is_empty() {
            ahead.reserve(AHEAD);
            let read = poll_read_buf(inner, cx, ahead);
            *more = matches!(read, Poll::Ready(Ok(count)) if count >= buffer.remaining());
            if ahead.is_empty() {
                *ahead = BytesMut::new();
            }
            ready!(read)?;
        }
        let count = ahead.len().min(buffer.remaining());
        buffer.put_slice(&ahead[..count]);
        ahead.advance(count);
        if ahead.is_empty() && !*more {
            *ahead = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadAhead<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
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
    async fn a_flood_is_read_in_order_and_leaves_no_memory_behind() {
        let (mut server, client) = UnixStream::pair().unwrap();
        let sent: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
        let flood = sent.clone();
        let server = tokio::spawn(async move {
            for frame in flood.chunks(4100) {
                server.write_all(frame).await.unwrap();
            }
            server
        });
        let mut client = ReadAhead::new(client);
        let mut received = Vec::new();
        let mut buffer = [0; 8192];
        let mut most = 0;
        while received.len() < sent.len() {
            let count = client.read(&mut buffer).await.unwrap();
            received.extend_from_slice(&buffer[..count]);
            most = most.max(client.ahead.len());
        }
        assert_eq!(received, sent);
        assert!(most > 8192, "it was read ahead");

        let mut server = server.await.unwrap();
        server.write_all(b"prompt").await.unwrap();
        let count = client.read(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..count], b"prompt");
        assert_eq!(client.ahead.capacity(), 0);
        drop(server);
        assert_eq!(client.read(&mut buffer).await.unwrap(), 0);
    }
}
