//! Commands in a container: interactive on a terminal, or run to their end.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::Result;

/// An interactive command to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecSpec {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Environment; `TERM` is set where absent.
    pub environment: BTreeMap<String, String>,
    /// The uid it runs as; root when absent.
    pub user: Option<u32>,
    /// The gid it runs as; root's when absent.
    pub group: Option<u32>,
    /// The directory it starts in.
    pub cwd: Option<String>,
    /// Columns at the start.
    pub cols: u16,
    /// Rows at the start.
    pub rows: u16,
}

/// An interactive command that runs. Its halves are used from different tasks; dropping all of them ends it.
pub struct Exec {
    /// Its output. Not reading it holds the program back.
    pub reader: Box<dyn ExecReader>,
    /// Its input.
    pub writer: Box<dyn ExecWriter>,
    /// Its size and signals.
    pub control: Box<dyn ExecControl>,
    /// Its exit code once the output has ended, where the server knows it. Resolves within seconds.
    pub exit: BoxFuture<'static, Option<i32>>,
}

/// The output of an interactive command.
#[async_trait]
pub trait ExecReader: Send {
    /// The next bytes; none when all output was delivered and the command has ended. An error when the connection
    /// to the server was lost. Cancel-safe.
    async fn read(&mut self) -> Result<Option<Bytes>>;
}

/// The input of an interactive command.
#[async_trait]
pub trait ExecWriter: Send {
    /// Hands bytes over; returns when the server has accepted them. Waits as long as the program does not read.
    async fn write(&mut self, input: Bytes) -> Result<()>;
}

/// The side channel of an interactive command.
#[async_trait]
pub trait ExecControl: Send {
    /// Sets the size in characters.
    async fn resize(&mut self, cols: u16, rows: u16) -> Result<()>;

    /// Ends the command and what it runs in the foreground: the terminal goes away.
    async fn hang_up(&mut self) -> Result<()>;
}

/// A command to run to its end, without a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpec {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Environment.
    pub environment: BTreeMap<String, String>,
    /// The directory it starts in.
    pub cwd: Option<String>,
    /// The uid it runs as; root when absent.
    pub user: Option<u32>,
    /// The gid it runs as; root's when absent.
    pub group: Option<u32>,
    /// How long it may take.
    pub deadline: Duration,
    /// How many bytes of each output are kept; the rest is read and dropped.
    pub max_output: usize,
}

/// What a command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit code.
    pub code: i32,
    /// Its standard output, cut at `max_output`.
    pub stdout: Bytes,
    /// Its standard error, cut at `max_output`.
    pub stderr: Bytes,
}
