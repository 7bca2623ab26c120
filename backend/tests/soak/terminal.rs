//! A visitor's end of a terminal, which takes it that the other end may vanish at any moment.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    outcome::{Outcome, Trouble, wrong},
    support::PATIENCE,
    transcript::Transcript,
    visit::Visit,
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(30);

/// An attached terminal.
pub struct Terminal {
    stream: WebSocketStream<TcpStream>,
    epoch: String,
    received: u64,
    /// Output since the last [`run`](Self::run) began.
    output: Vec<u8>,
}

impl Terminal {
    /// Attaches to terminal 1 and reads what it replays. `since` is what the visitor has of which epoch.
    pub async fn attach(
        visit: &Visit,
        transcript: &mut Transcript,
        since: Option<&(String, u64)>,
    ) -> Outcome<Self> {
        let mut path =
            format!("ws://{}/api/v1/sessions/{}/terminals/1?cols=80&rows=24", visit.host, visit.id);
        if let Some((epoch, bytes)) = since {
            path += &format!("&since={bytes}&epoch={epoch}");
        }
        let stream = timeout(CONNECT, connect(visit, &path))
            .await
            .map_err(|_| Trouble::Wrong("a websocket took too long to open".to_owned()))??;
        let mut terminal = Self { stream, epoch: String::new(), received: 0, output: Vec::new() };
        let deadline = Instant::now() + PATIENCE;
        let live = loop {
            if let Some(hello) = terminal.next(transcript, deadline).await? {
                terminal.check_hello(&hello, since)?;
                break hello["live"].as_u64().unwrap_or_default();
            }
        };
        while terminal.received < live {
            terminal.next(transcript, deadline).await?;
        }
        Ok(terminal)
    }

    /// What the visitor has: the epoch and the bytes.
    pub fn position(&self) -> (String, u64) {
        (self.epoch.clone(), self.received)
    }

    /// Runs a command; what it said. Its marks are computed by the shell, so that their echo does not hold them.
    pub async fn run(&mut self, transcript: &mut Transcript, command: &str) -> Outcome<String> {
        self.output.clear();
        let line = format!("echo be\"\"gin; {command}; echo e\"\"nd\n");
        if self.stream.send(Message::Binary(line.into())).await.is_err() {
            return Err(Trouble::Away("the terminal is gone".to_owned()));
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let output = String::from_utf8_lossy(&self.output);
            if let Some(begin) = output.find("begin\r\n")
                && let Some(end) = output.rfind("end\r\n").filter(|end| *end > begin)
            {
                return Ok(output[begin + 7..end].replace('\r', ""));
            }
            self.next(transcript, deadline).await?;
        }
    }

    /// Leaves.
    pub async fn leave(mut self) {
        // One that is gone already has been left.
        let _ = timeout(CONNECT, self.stream.close(None)).await;
    }

    /// The next frame; the hello, if it is one.
    async fn next(
        &mut self,
        transcript: &mut Transcript,
        deadline: Instant,
    ) -> Outcome<Option<Value>> {
        let Ok(message) = timeout_at(deadline, self.stream.next()).await else {
            let said = String::from_utf8_lossy(&self.output).into_owned();
            return wrong(format!("a terminal said nothing more for {PATIENCE:?} after {said:?}"));
        };
        match message {
            None | Some(Err(_)) => Err(Trouble::Away("the connection broke".to_owned())),
            Some(Ok(Message::Close(frame))) => {
                closed(frame.map_or(1005, |frame| u16::from(frame.code)))
            }
            Some(Ok(Message::Binary(bytes))) => {
                transcript.put(&self.epoch, self.received, &bytes).map_err(Trouble::Wrong)?;
                self.received += bytes.len() as u64;
                self.output.extend_from_slice(&bytes);
                let ack = json!({"ack": self.received}).to_string();
                // A socket that broke shows when it is read.
                let _ = self.stream.send(Message::Text(ack.into())).await;
                Ok(None)
            }
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text)
                    .map_err(|_| Trouble::Wrong(format!("a text frame is no JSON: {text}")))?;
                if let Some(from) = frame.pointer("/gap/from").and_then(Value::as_u64) {
                    self.received = from;
                }
                let Some(hello) = frame.get("hello") else { return Ok(None) };
                self.epoch = hello["epoch"].as_str().unwrap_or_default().to_owned();
                self.received = hello["from"].as_u64().unwrap_or_default();
                Ok(Some(hello.clone()))
            }
            Some(Ok(_)) => Ok(None),
        }
    }

    /// Within an epoch the server goes on where the visitor was, or says that something is lost.
    fn check_hello(&self, hello: &Value, since: Option<&(String, u64)>) -> Outcome<()> {
        match since {
            Some((epoch, bytes))
                if *epoch == self.epoch
                    && self.received != *bytes
                    && hello["truncated"] != true =>
            {
                wrong(format!("had {bytes} bytes and was greeted with {hello}"))
            }
            _ => Ok(()),
        }
    }
}

async fn connect(visit: &Visit, path: &str) -> Outcome<WebSocketStream<TcpStream>> {
    let mut request =
        path.into_client_request().map_err(|error| Trouble::Wrong(error.to_string()))?;
    for (name, value) in [
        ("sec-websocket-protocol", format!("tryit.v1, bearer.{}", visit.token)),
        ("x-forwarded-for", visit.address.clone()),
    ] {
        let value = value.parse().map_err(|_| Trouble::Wrong(format!("no header: {name}")))?;
        request.headers_mut().insert(name, value);
    }
    let away = |error: &dyn std::fmt::Display| Trouble::Away(error.to_string());
    let tcp = TcpStream::connect(&visit.host).await.map_err(|error| away(&error))?;
    let (stream, _) = client_async(request, tcp).await.map_err(|error| away(&error))?;
    Ok(stream)
}

/// What a close code means to a visitor who has done nothing wrong.
fn closed<T>(code: u16) -> Outcome<T> {
    match code {
        4410 => Err(Trouble::Ended),
        4000 => Err(Trouble::Exited),
        1001 | 1005 | 1006 | 1012 | 4409 | 4503 => {
            Err(Trouble::Away(format!("closed with {code}")))
        }
        _ => wrong(format!("a terminal was closed with {code}")),
    }
}
