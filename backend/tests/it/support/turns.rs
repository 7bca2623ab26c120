//! LXD as several services at once may use it: one create at a time over all tests.
//!
//! LXD can give two containers that are made in the same moment the same ids, or ids that are not its own to give, and
//! goes on from there with the next ones. Each service makes one container at a time; services of one daemon do not
//! know of each other.

use async_trait::async_trait;
use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId, SessionId};
use provider::{
    Addresses, CreateSpec, Exec, ExecSpec, Generation, InstanceEvent, Observed, Output, Outward,
    Progress, Provider, Result, RunSpec, ServerInfo, Source, Usage, lxd::Lxd,
};
use tokio::sync::{Mutex, MutexGuard, mpsc};

/// The turn to make containers.
pub async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// An LXD that waits for its turn.
pub struct Turns(pub Lxd);

#[async_trait]
impl Provider for Turns {
    async fn create(&self, spec: &CreateSpec, progress: mpsc::Sender<Progress>) -> Result<()> {
        let _turn = turn().await;
        self.0.create(spec, progress).await
    }

    async fn info(&self) -> Result<ServerInfo> {
        self.0.info().await
    }

    async fn generation(&self, source: &Source) -> Result<Generation> {
        self.0.generation(source).await
    }

    async fn start(&self, instance: &InstanceRef, progress: mpsc::Sender<Progress>) -> Result<()> {
        self.0.start(instance, progress).await
    }

    async fn delete(&self, instance: &InstanceRef, mark: ServerId) -> Result<()> {
        self.0.delete(instance, mark).await
    }

    async fn get(&self, instance: &InstanceRef) -> Result<Option<Observed>> {
        self.0.get(instance).await
    }

    async fn usage(&self, instance: &InstanceRef) -> Result<Option<Usage>> {
        self.0.usage(instance).await
    }

    async fn list(&self, projects: &[Project]) -> Result<Vec<Observed>> {
        self.0.list(projects).await
    }

    async fn unmark(&self, instance: &InstanceRef) -> Result<()> {
        self.0.unmark(instance).await
    }

    async fn sign(&self, instance: &InstanceRef, session: SessionId) -> Result<()> {
        self.0.sign(instance, session).await
    }

    async fn exec(&self, instance: &InstanceRef, spec: &ExecSpec) -> Result<Exec> {
        self.0.exec(instance, spec).await
    }

    async fn run(&self, instance: &InstanceRef, spec: &RunSpec) -> Result<Output> {
        self.0.run(instance, spec).await
    }

    async fn write_file(
        &self,
        instance: &InstanceRef,
        path: &str,
        content: Bytes,
        mode: u32,
    ) -> Result<()> {
        self.0.write_file(instance, path, content, mode).await
    }

    async fn read_file(&self, instance: &InstanceRef, path: &str, max: usize) -> Result<Bytes> {
        self.0.read_file(instance, path, max).await
    }

    async fn fill(&self, source: &Source) -> Result<Option<u8>> {
        self.0.fill(source).await
    }

    async fn let_out(&self, outward: &Outward) -> Result<()> {
        self.0.let_out(outward).await
    }

    async fn addresses(&self, instance: &InstanceRef) -> Result<Addresses> {
        self.0.addresses(instance).await
    }

    async fn events(&self, projects: &[Project]) -> Result<mpsc::Receiver<InstanceEvent>> {
        self.0.events(projects).await
    }
}
