//! Terminals with their tasks, on commands that the test plays. Time is tokio's and stands still unless everyone
//! waits.

// Clippy lets tests unwrap, but not what tests share.
#![allow(clippy::unwrap_used)]

mod attach;
mod close;
mod fake;
mod output;
mod stream;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{InstanceRef, TerminalNumber};
use provider::ExecSpec;
use terminal::{
    Attach, Attachment, BrowserCommand, CloseReason, Hello, Role, ServerEvent, Settings, Since,
    Size, TerminalKey, Terminals,
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use fake::{Fake, Program, Request};

/// Longer than anything here may wait.
const LONG: Duration = Duration::from_secs(3600);

/// Terminals, and the side from which the test plays their commands.
struct Stage {
    terminals: Terminals,
    requests: mpsc::UnboundedReceiver<Request>,
    _settings: watch::Sender<Settings>,
}

impl Stage {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let (fake, requests) = Fake::new(1);
        let (_settings, settings) = watch::channel(settings);
        Self { terminals: Terminals::new(Arc::new(fake), settings), requests, _settings }
    }

    async fn request(&mut self) -> Request {
        timeout(LONG, self.requests.recv())
            .await
            .expect("a command is asked for")
            .expect("the provider is there")
    }

    /// Attaches, and lets the command start that this needs.
    async fn attach_and_start(&mut self, how: Attach) -> (Browser, Program) {
        let terminals = self.terminals.clone();
        let attaching = tokio::spawn(async move { terminals.attach(&key(), spec(), how).await });
        let program = self.request().await.start();
        (Browser::new(attaching.await.unwrap().unwrap()).await, program)
    }

    /// Attaches to a terminal that needs no start.
    async fn attach(&self, how: Attach) -> Browser {
        Browser::new(self.terminals.attach(&key(), spec(), how).await.unwrap()).await
    }
}

/// An attached browser that has been greeted.
struct Browser {
    hello: Hello,
    attachment: Attachment,
}

impl Browser {
    async fn new(mut attachment: Attachment) -> Self {
        match attachment.events.next().await {
            Some(ServerEvent::Hello(hello)) => Self { hello, attachment },
            other => panic!("{other:?} came before hello"),
        }
    }

    async fn next(&mut self) -> ServerEvent {
        let next = timeout(LONG, self.attachment.events.next()).await;
        next.expect("something comes").expect("not closed yet")
    }

    async fn expect(&mut self, expected: ServerEvent) {
        assert_eq!(self.next().await, expected);
    }

    /// Whether nothing comes, however long one waits.
    async fn is_quiet(&mut self) -> bool {
        timeout(LONG, self.attachment.events.next()).await.is_err()
    }

    fn send(&self, command: BrowserCommand) {
        self.attachment.commands.send(command).expect("still attached");
    }

    fn type_(&self, text: &'static str) {
        self.send(BrowserCommand::Input(Bytes::from_static(text.as_bytes())));
    }

    /// The last event, and that nothing follows.
    async fn expect_close(&mut self, reason: CloseReason) {
        self.expect(ServerEvent::Close(reason)).await;
        assert_eq!(self.attachment.events.next().await, None);
    }
}

/// Waits until everyone else waits, too, and a flood has been read that was left to gather for a moment.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

fn key() -> TerminalKey {
    TerminalKey { instance: instance(), number: TerminalNumber::FIRST }
}

fn instance() -> InstanceRef {
    InstanceRef { project: "tryit".parse().unwrap(), name: "tryit-brave-otter".parse().unwrap() }
}

fn spec() -> ExecSpec {
    ExecSpec {
        command: vec!["bash".to_owned(), "-l".to_owned()],
        environment: [].into(),
        user: None,
        group: None,
        cwd: None,
        cols: 80,
        rows: 24,
    }
}

fn size(cols: u16, rows: u16) -> Size {
    Size::new(cols, rows).unwrap()
}

const fn browser() -> Attach {
    Attach { role: Role::Browser { size: Size::USUAL, restart: false }, since: None }
}

const RESTART: Attach =
    Attach { role: Role::Browser { size: Size::USUAL, restart: true }, since: None };

const WATCHER: Attach = Attach { role: Role::Watcher, since: None };

fn output(text: &'static str) -> ServerEvent {
    ServerEvent::Output(Bytes::from_static(text.as_bytes()))
}
