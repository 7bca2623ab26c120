//! A provider whose commands are played by the test.

use async_trait::async_trait;
use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId, SessionId};
use provider::{
    CreateSpec, Error, Exec, ExecControl, ExecReader, ExecSpec, ExecWriter, Generation,
    InstanceEvent, Observed, Output, Progress, Provider, Result, RunSpec, ServerInfo, Source,
};
use tokio::sync::{mpsc, oneshot};

/// A command that was started, seen from its inside. Dropping `output` loses the connection, unless `exit` was sent
/// an exit code before.
pub struct Program {
    /// What it was started with.
    pub spec: ExecSpec,
    /// What it puts out; waits while it is held back.
    pub output: mpsc::Sender<Bytes>,
    /// What it reads, a piece at a time.
    pub input: mpsc::Receiver<Bytes>,
    /// The sizes it was given.
    pub sizes: mpsc::UnboundedReceiver<(u16, u16)>,
    /// Resolves when it is hung up; fails when its exec was dropped without.
    pub hung_up: oneshot::Receiver<()>,
    exit: Option<oneshot::Sender<ExitCode>>,
}

/// Where an exit code will come from.
type ExitCode = oneshot::Receiver<Option<i32>>;

impl Program {
    pub async fn print(&self, text: impl Into<Bytes>) {
        self.output.send(text.into()).await.expect("somebody reads");
    }

    pub fn exit(self, code: Option<i32>) {
        let _ = self.end().send(code);
    }

    /// Ends the output; the exit code may come later.
    pub fn end(mut self) -> oneshot::Sender<Option<i32>> {
        let (code, later) = oneshot::channel();
        self.exit.take().map(|exit| exit.send(later));
        code
    }
}

/// Gives out commands, in the order in which the test lets them start.
pub struct Fake {
    requests: mpsc::UnboundedSender<Request>,
    backlog: usize,
}

/// Somebody wants a command to be started.
pub struct Request {
    spec: ExecSpec,
    backlog: usize,
    answer: oneshot::Sender<Result<Exec>>,
}

impl Fake {
    /// `backlog` frames of output may be on their way before a command is held back.
    pub fn new(backlog: usize) -> (Self, mpsc::UnboundedReceiver<Request>) {
        let (requests, received) = mpsc::unbounded_channel();
        (Self { requests, backlog }, received)
    }
}

impl Request {
    pub fn refuse(self, error: Error) {
        let _ = self.answer.send(Err(error));
    }

    pub fn start(self) -> Program {
        let (output, out) = mpsc::channel(self.backlog);
        let (writer, input) = mpsc::channel(1);
        let (resized, sizes) = mpsc::unbounded_channel();
        let (hang_up, hung_up) = oneshot::channel();
        let (exit, code) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let exec = Exec {
            reader: Box::new(Reader { out, end: Some((code, ended)) }),
            writer: Box::new(Writer(writer)),
            control: Box::new(Control { resized, hang_up: Some(hang_up) }),
            exit: Box::pin(async move { end.await.ok()?.await.ok()? }),
        };
        let program = Program { spec: self.spec, output, input, sizes, hung_up, exit: Some(exit) };
        let _ = self.answer.send(Ok(exec));
        program
    }
}

struct Reader {
    out: mpsc::Receiver<Bytes>,
    end: Option<(oneshot::Receiver<ExitCode>, oneshot::Sender<ExitCode>)>,
}

#[async_trait]
impl ExecReader for Reader {
    async fn read(&mut self) -> Result<Option<Bytes>> {
        if let Some(output) = self.out.recv().await {
            return Ok(Some(output));
        }
        let Some((mut code, ended)) = self.end.take() else { return Ok(None) };
        match code.try_recv() {
            Ok(code) => {
                let _ = ended.send(code);
                Ok(None)
            }
            Err(_) => Err(Error::Unreachable("the connection broke".to_owned())),
        }
    }
}

struct Writer(mpsc::Sender<Bytes>);

#[async_trait]
impl ExecWriter for Writer {
    async fn write(&mut self, input: Bytes) -> Result<()> {
        self.0.send(input).await.map_err(|_| Error::Unreachable("nobody reads".to_owned()))
    }
}

struct Control {
    resized: mpsc::UnboundedSender<(u16, u16)>,
    hang_up: Option<oneshot::Sender<()>>,
}

#[async_trait]
impl ExecControl for Control {
    async fn resize(&mut self, cols: u16, rows: u16) -> Result<()> {
        self.resized.send((cols, rows)).map_err(|_| Error::Unreachable("gone".to_owned()))
    }

    async fn hang_up(&mut self) -> Result<()> {
        self.hang_up.take().map(|hang_up| hang_up.send(()));
        Ok(())
    }
}

/// Everything but commands is out of the terminals' reach.
fn out_of_reach<T>() -> Result<T> {
    Err(Error::Refused("terminals only open commands".to_owned()))
}

#[async_trait]
impl Provider for Fake {
    async fn exec(&self, _: &InstanceRef, spec: &ExecSpec) -> Result<Exec> {
        let (answer, exec) = oneshot::channel();
        let _ = self.requests.send(Request { spec: spec.clone(), backlog: self.backlog, answer });
        exec.await.unwrap_or_else(|_| Err(Error::Unreachable("nobody answered".to_owned())))
    }

    async fn info(&self) -> Result<ServerInfo> {
        out_of_reach()
    }
    async fn generation(&self, _: &Source) -> Result<Generation> {
        out_of_reach()
    }
    async fn create(&self, _: &CreateSpec, _: mpsc::Sender<Progress>) -> Result<()> {
        out_of_reach()
    }
    async fn start(&self, _: &InstanceRef, _: mpsc::Sender<Progress>) -> Result<()> {
        out_of_reach()
    }
    async fn delete(&self, _: &InstanceRef, _: ServerId) -> Result<()> {
        out_of_reach()
    }
    async fn get(&self, _: &InstanceRef) -> Result<Option<Observed>> {
        out_of_reach()
    }
    async fn list(&self, _: &[Project]) -> Result<Vec<Observed>> {
        out_of_reach()
    }
    async fn unmark(&self, _: &InstanceRef) -> Result<()> {
        out_of_reach()
    }
    async fn sign(&self, _: &InstanceRef, _: SessionId) -> Result<()> {
        out_of_reach()
    }
    async fn run(&self, _: &InstanceRef, _: &RunSpec) -> Result<Output> {
        out_of_reach()
    }
    async fn write_file(&self, _: &InstanceRef, _: &str, _: Bytes, _: u32) -> Result<()> {
        out_of_reach()
    }
    async fn read_file(&self, _: &InstanceRef, _: &str, _: usize) -> Result<Bytes> {
        out_of_reach()
    }
    async fn events(&self, _: &[Project]) -> Result<mpsc::Receiver<InstanceEvent>> {
        out_of_reach()
    }
}
