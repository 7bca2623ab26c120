//! HTTP as bytes on a connection: for what no client would send.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

use super::PATIENCE;

/// Opens a connection, from a certain address of this machine if one is given.
pub async fn connect(to: SocketAddr, from: Option<SocketAddr>) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    if let Some(from) = from {
        socket.bind(from).expect("an address of this machine");
    }
    socket.connect(to).await.expect("a connection")
}

/// Sends bytes and reads until the server hangs up.
pub async fn send(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(to, None).await;
    // The server may hang up before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    until_closed(&mut stream).await
}

/// Reads until the server hangs up.
pub async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset ends it like a farewell.
    let read = stream.read_to_end(&mut answer);
    let _ = timeout(PATIENCE, read).await.expect("the server hangs up");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a byte every now and then until the server hangs up or answers; how long it bore that, and what it said.
pub async fn dribble(stream: &mut TcpStream) -> (Duration, String) {
    let began = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let reading = async {
        let mut buffer = [0; 1024];
        // One answer, or the end.
        if let Ok(count) = reader.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..count]);
        }
    };
    let writing = async {
        loop {
            // A connection that is cut shows when it is read.
            let _ = writer.write_all(b"a").await;
            sleep(Duration::from_millis(250)).await;
        }
    };
    let over = async {
        tokio::select! {
            () = reading => {}
            () = writing => {}
        }
    };
    timeout(PATIENCE, over).await.expect("the server hangs up or answers");
    (began.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

/// One request on a connection that stays open; the whole answer, which says how long it is.
pub async fn ask(stream: &mut TcpStream, head: &str) -> std::io::Result<String> {
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::with_capacity(2048);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_it = name.eq_ignore_ascii_case("content-length");
                is_it.then(|| value.trim().parse::<usize>().ok()).flatten()
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(text.into_owned());
            }
        }
    }
}
