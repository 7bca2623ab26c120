//! Programs in containers whose terminals are measured: the same program on a terminal of the service and at LXD.

use std::time::Duration;

use crate::{
    Outcome,
    lxd::Lxd,
    service::Service,
    terminal::Terminal,
    visitor::{Guest, Visitor},
};

/// What each program says once it listens. The command line that starts it does not hold these letters in a row.
const READY: &str = "listens";
/// How long a container may take to go.
const SETTLING: Duration = Duration::from_secs(30);

/// A session whose container programs run in.
pub struct Shells {
    visitor: Visitor,
    container: String,
    next: u8,
}

impl Shells {
    /// Starts a session.
    pub async fn start(service: &Service) -> Outcome<Self> {
        let mut visitor = Guest::arrive(service).await?.start().await?;
        visitor.terminal(1).await?.until("#").await?;
        let container = visitor.container().await?;
        Ok(Self { visitor, container, next: 1 })
    }

    /// A program on a terminal of the service. Programs hold no single quotes.
    pub async fn ours(&mut self, program: &str) -> Outcome<Terminal> {
        let mut terminal = self.visitor.terminal(self.next).await?;
        self.next += 1;
        terminal.ask(&format!("exec sh -c '{}'\n", listening(program)), READY).await?;
        terminal.until("\n").await?;
        Ok(terminal)
    }

    /// The same program, its terminal at LXD.
    pub async fn direct(&self, lxd: &Lxd, program: &str) -> Outcome<Terminal> {
        let mut terminal = lxd.exec(&self.container, &["sh", "-c", &listening(program)]).await?;
        terminal.until(READY).await?;
        terminal.until("\n").await?;
        Ok(terminal)
    }

    /// Ends the session.
    pub async fn end(self) -> Outcome<()> {
        self.visitor.end().await.map(drop)
    }
}

/// Waits until all sessions' containers are gone, and stops the service.
pub async fn stop(service: Service) -> Outcome<()> {
    service.settled(0, SETTLING).await?;
    service.stop().await
}

/// `LISTEN` in a program is where it says that it listens.
fn listening(program: &str) -> String {
    program.replace("LISTEN", r#"echo lis""tens"#)
}
