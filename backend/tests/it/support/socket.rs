//! A browser's end of a terminal: acknowledges what it reads and keeps all output.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

use super::PATIENCE;

/// What came from the server.
#[derive(Debug)]
pub enum Message {
    Text(Value),
    Bytes,
    Close(u16),
}

/// A terminal's websocket.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// All output since the last hello.
    pub output: Vec<u8>,
    /// The last hello.
    pub hello: Value,
    /// Bytes received, by the server's numbers.
    pub received: u64,
    /// Whether output is acknowledged as it comes.
    pub acknowledges: bool,
    /// Text frames that were not waited for.
    pub texts: Vec<Value>,
}

impl Socket {
    /// Opens a websocket; the error is the refused upgrade.
    pub async fn open(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, Box<tungstenite::Error>> {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a request");
        for (name, value) in headers {
            let name = tungstenite::http::HeaderName::from_bytes(name.as_bytes())
                .expect("a header's name");
            request.headers_mut().insert(name, value.parse().expect("a header's value"));
        }
        let tcp = TcpStream::connect(address).await.expect("a connection");
        tcp.set_nodelay(true).expect("a TCP connection");
        let (stream, _) = client_async(request, tcp).await.map_err(Box::new)?;
        Ok(Self {
            stream,
            output: Vec::new(),
            hello: Value::Null,
            received: 0,
            acknowledges: true,
            texts: Vec::new(),
        })
    }

    /// The next message, within [`PATIENCE`].
    pub async fn next(&mut self) -> Message {
        self.next_within(PATIENCE).await.expect("a message in time")
    }

    /// The next message, or none within `time`.
    pub async fn next_within(&mut self, time: Duration) -> Option<Message> {
        tokio::time::timeout(time, self.receive()).await.ok()
    }

    async fn receive(&mut self) -> Message {
        loop {
            let message = match self.stream.next().await {
                Some(Ok(message)) => message,
                Some(Err(_)) | None => return Message::Close(1006),
            };
            return match message {
                tungstenite::Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if let Some(hello) = frame.get("hello") {
                        self.hello = hello.clone();
                        self.received = hello["from"].as_u64().expect("a number");
                        self.output.clear();
                    }
                    if let Some(from) = frame.pointer("/gap/from").and_then(Value::as_u64) {
                        self.received = from;
                    }
                    Message::Text(frame)
                }
                tungstenite::Message::Binary(bytes) => {
                    self.received += bytes.len() as u64;
                    self.output.extend_from_slice(&bytes);
                    if self.acknowledges {
                        self.say(json!({"ack": self.received})).await;
                    }
                    Message::Bytes
                }
                tungstenite::Message::Close(frame) => Message::Close(
                    frame.map_or(CloseCode::Status.into(), |frame| frame.code.into()),
                ),
                _ => continue,
            };
        }
    }

    /// Reads until the server's hello, and what it replays.
    pub async fn greeted(mut self) -> Self {
        let live = self.text("hello").await["live"].as_u64().expect("a number");
        while self.received < live {
            if let Message::Close(code) = self.next().await {
                panic!("closed {code} during the replay");
            }
        }
        self
    }

    /// Reads until a text frame with this key; its value.
    pub async fn text(&mut self, key: &str) -> Value {
        loop {
            match self.next().await {
                Message::Text(frame) if frame.get(key).is_some() => return frame[key].clone(),
                Message::Text(frame) => self.texts.push(frame),
                Message::Bytes => {}
                Message::Close(code) => panic!("closed {code} while waiting for {key}"),
            }
        }
    }

    /// Reads until the output holds `text`; all output so far.
    pub async fn expect(&mut self, text: &str) -> String {
        loop {
            let output = String::from_utf8_lossy(&self.output).into_owned();
            if output.contains(text) {
                return output;
            }
            match self.next().await {
                Message::Text(frame) => self.texts.push(frame),
                Message::Bytes => {}
                Message::Close(code) => {
                    panic!("closed {code} while waiting for {text:?} in {output:?}")
                }
            }
        }
    }

    /// Reads until the server closes; the code.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Message::Close(code) => return code,
                Message::Text(frame) => self.texts.push(frame),
                Message::Bytes => {}
            }
        }
    }

    /// Types.
    pub async fn type_in(&mut self, text: &str) {
        self.type_bytes(text.as_bytes().to_vec()).await;
    }

    /// Types so many bytes at once, whether or not the server still listens.
    pub async fn type_bytes(&mut self, bytes: Vec<u8>) {
        // A socket that the server has closed meanwhile shows when it is read.
        let _ = self.stream.send(tungstenite::Message::Binary(bytes.into())).await;
    }

    /// Waits until the terminal has this size, as `stty size` tells it: a size takes another way to the container than
    /// what is typed, and may come later.
    pub async fn sized(&mut self, size: &str) {
        let sized =
            format!("until test \"$(stty size)\" = '{size}'; do sleep 0.1; done; echo $((6*7))");
        assert_eq!(self.run(&sized).await, "42");
    }

    /// Runs a command; what it said, without the prompt. The marks are computed by the shell, so that the echo of the
    /// line does not hold them.
    pub async fn run(&mut self, command: &str) -> String {
        self.output.clear();
        self.type_in(&format!("echo be\"\"gin; {command}; echo e\"\"nd\n")).await;
        let output = self.expect("\r\nend\r\n").await;
        let begin = output.find("begin\r\n").expect("the beginning");
        let end = output.find("\r\nend\r\n").expect("the end");
        output.get(begin + 7..end).unwrap_or_default().replace('\r', "")
    }

    /// Sends a text frame.
    pub async fn say(&mut self, frame: Value) {
        self.say_raw(&frame.to_string()).await;
    }

    /// Sends a text frame as it is.
    pub async fn say_raw(&mut self, text: &str) {
        // A socket that the server has closed meanwhile shows when it is read.
        let _ = self.stream.send(tungstenite::Message::Text(text.to_owned().into())).await;
    }
}
