//! One websocket of a terminal: a reading half that never waits for the browser to read, a writing half that does.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    time::Duration,
};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, Session};
use bytes::Bytes;
use shared::terminal::{ClientFrame, CloseCode, NoticeCode, ServerFrame};
use tokio::{
    sync::mpsc,
    time::{Instant, interval_at, timeout},
};

use super::{frames, seats::Seat};
use crate::services::{Attachment, BrowserCommand, Commands, Events, ServerEvent};

/// How often a browser is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A browser whose connection takes nothing for so long is gone.
const SEND_DEADLINE: Duration = Duration::from_secs(40);
/// The largest text frame.
const MAX_TEXT_BYTES: usize = 4 * 1024;
/// Input that may wait for the terminal to be there.
const MAX_EARLY_BYTES: usize = 256 * 1024;
/// Text frames a second, acknowledgements that advance not counted.
const MAX_TEXTS: u32 = 200;

/// What both halves know of the connection.
struct Link {
    session: Session,
    /// Pings since the last pong.
    unanswered: Cell<u8>,
    /// Pongs to be sent: the reading half never waits for the browser to read.
    pongs: mpsc::Sender<Bytes>,
}

/// Why there is no terminal for a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// What it is told before.
    pub notice: Option<NoticeCode>,
    /// What the socket is closed with.
    pub code: CloseCode,
}

impl From<CloseCode> for Farewell {
    fn from(code: CloseCode) -> Self {
        Self { notice: None, code }
    }
}

/// Where the reading half puts what the browser says.
enum Desk<'a> {
    /// There is no terminal yet: what is said is kept for it.
    Early(&'a RefCell<Early>),
    /// To the terminal.
    Terminal(&'a Commands),
}

/// What a browser said before there was a terminal.
#[derive(Default)]
struct Early {
    commands: Vec<BrowserCommand>,
    bytes: usize,
}

/// Serves a websocket until either side closes it, or `until` does. `attach` waits for the terminal; `statuses` are what
/// it waits for.
pub async fn run(
    n: u8,
    session: Session,
    mut messages: AggregatedMessageStream,
    attach: impl Future<Output = Result<(Attachment, Seat), Farewell>>,
    statuses: mpsc::Receiver<String>,
    until: impl Future<Output = CloseCode>,
) {
    tokio::pin!(until);
    let (pongs, mut to_pong) = mpsc::channel(4);
    let link = Link { session: session.clone(), unanswered: Cell::new(0), pongs };
    let early = RefCell::new(Early::default());
    let attached = tokio::select! {
        attached = attach => attached,
        code = read(&link, &mut messages, Desk::Early(&early)) => Err(code.into()),
        code = tell(&link, statuses, &mut to_pong) => Err(code.into()),
        code = &mut until => Err(code.into()),
    };
    let code = match attached {
        Err(Farewell { notice, code }) => {
            if let Some(code) = notice {
                // The close says the rest to whoever does not get it.
                let _ = link.text(&ServerFrame::Notice { code }).await;
            }
            code
        }
        Ok((attachment, _seat)) => {
            let Attachment { mut events, commands } = attachment;
            for command in early.into_inner().commands {
                // Once detached, the events say why.
                let _ = commands.send(command);
            }
            tokio::select! {
                code = write(n, &link, &mut events, &mut to_pong) => code,
                code = read(&link, &mut messages, Desk::Terminal(&commands)) => code,
                code = &mut until => code,
            }
        }
    };
    if code != CloseCode::Left {
        let reason = CloseReason { code: code.as_u16().into(), description: None };
        let _ = timeout(SEND_DEADLINE, session.close(Some(reason))).await;
    }
}

/// Until there is a terminal: tells what is waited for.
async fn tell(
    link: &Link,
    mut statuses: mpsc::Receiver<String>,
    pongs: &mut mpsc::Receiver<Bytes>,
) -> CloseCode {
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    loop {
        let sent = tokio::select! {
            Some(message) = statuses.recv() => link.text(&ServerFrame::Status { message }).await,
            Some(bytes) = pongs.recv() => link.pong(bytes).await,
            _ = pings.tick() => link.ping().await,
        };
        if let Err(code) = sent {
            return code;
        }
    }
}

/// Sends what the terminal says, until it closes or the browser is gone.
async fn write(
    n: u8,
    link: &Link,
    events: &mut Events,
    pongs: &mut mpsc::Receiver<Bytes>,
) -> CloseCode {
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    loop {
        let sent = tokio::select! {
            event = events.next() => match event {
                None => Err(CloseCode::Left),
                Some(ServerEvent::Output(bytes)) => link.binary(bytes).await,
                Some(event) => match frames::server(n, event) {
                    Ok(frame) => link.text(&frame).await,
                    Err(code) => Err(code),
                },
            },
            Some(bytes) = pongs.recv() => link.pong(bytes).await,
            _ = pings.tick() => link.ping().await,
        };
        if let Err(code) = sent {
            return code;
        }
    }
}

/// Hands over what the browser says, until it leaves or breaks the protocol.
async fn read(link: &Link, messages: &mut AggregatedMessageStream, desk: Desk<'_>) -> CloseCode {
    let mut texts = TextRate::default();
    loop {
        let handed = match messages.recv().await {
            None => return CloseCode::Left,
            Some(Err(_)) => return CloseCode::ProtocolError,
            Some(Ok(message)) => match message {
                AggregatedMessage::Text(text) => text_frame(&text, &mut texts, &desk),
                AggregatedMessage::Binary(bytes) => desk.put(BrowserCommand::Input(bytes)),
                AggregatedMessage::Ping(bytes) => {
                    // A browser that pings faster than it reads loses answers, nothing else.
                    let _ = link.pongs.try_send(bytes);
                    Ok(())
                }
                AggregatedMessage::Pong(_) => {
                    link.unanswered.set(0);
                    Ok(())
                }
                AggregatedMessage::Close(_) => Err(CloseCode::Left),
            },
        };
        if let Err(code) = handed {
            return code;
        }
    }
}

fn text_frame(text: &str, rate: &mut TextRate, desk: &Desk<'_>) -> Result<(), CloseCode> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(CloseCode::ProtocolError);
    }
    let frame: ClientFrame = serde_json::from_str(text).map_err(|_| CloseCode::ProtocolError)?;
    rate.count(&frame)?;
    for command in frames::browser(frame)? {
        desk.put(command)?;
    }
    Ok(())
}

impl Desk<'_> {
    fn put(&self, command: BrowserCommand) -> Result<(), CloseCode> {
        match self {
            Self::Terminal(commands) => {
                // Once detached, the events say why; they are about to end.
                let _ = commands.send(command);
                Ok(())
            }
            Self::Early(early) => early.borrow_mut().keep(command),
        }
    }
}

impl Early {
    fn keep(&mut self, command: BrowserCommand) -> Result<(), CloseCode> {
        match &command {
            // There is nothing to acknowledge yet.
            BrowserCommand::Ack(_) => return Ok(()),
            BrowserCommand::Input(bytes) => self.bytes += bytes.len(),
            BrowserCommand::Resize(_) | BrowserCommand::Interrupt => self.bytes += 64,
        }
        if self.bytes > MAX_EARLY_BYTES {
            return Err(CloseCode::TooMuchInput);
        }
        self.commands.push(command);
        Ok(())
    }
}

/// Counts a browser's text frames.
#[derive(Default)]
struct TextRate {
    since: Option<Instant>,
    frames: u32,
    acknowledged: u64,
}

impl TextRate {
    fn count(&mut self, frame: &ClientFrame) -> Result<(), CloseCode> {
        if let Some(ack) = frame.ack
            && ack > self.acknowledged
            && frame.resize.is_none()
            && frame.interrupt.is_none()
        {
            self.acknowledged = ack;
            return Ok(());
        }
        let now = Instant::now();
        if self.since.is_none_or(|since| now - since >= Duration::from_secs(1)) {
            (self.since, self.frames) = (Some(now), 0);
        }
        self.frames += 1;
        if self.frames > MAX_TEXTS { Err(CloseCode::ProtocolError) } else { Ok(()) }
    }
}

impl Link {
    async fn text(&self, frame: &ServerFrame) -> Result<(), CloseCode> {
        let json = serde_json::to_string(frame).map_err(|_| CloseCode::ProtocolError)?;
        in_time(self.session.clone().text(json)).await
    }

    async fn binary(&self, bytes: Bytes) -> Result<(), CloseCode> {
        in_time(self.session.clone().binary(bytes)).await
    }

    async fn pong(&self, bytes: Bytes) -> Result<(), CloseCode> {
        in_time(self.session.clone().pong(&bytes)).await
    }

    async fn ping(&self) -> Result<(), CloseCode> {
        if self.unanswered.get() >= 2 {
            return Err(CloseCode::NoPong);
        }
        self.unanswered.set(self.unanswered.get() + 1);
        in_time(self.session.clone().ping(b"")).await
    }
}

/// A connection that is closed has been left; one that takes nothing is as good as gone.
async fn in_time(
    send: impl Future<Output = Result<(), actix_ws::Closed>>,
) -> Result<(), CloseCode> {
    match timeout(SEND_DEADLINE, send).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(CloseCode::Left),
        Err(_) => Err(CloseCode::NoPong),
    }
}
