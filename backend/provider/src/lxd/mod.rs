//! LXD and Incus, over their REST API: by unix socket, or by HTTPS with certificates of both sides.

mod addresses;
mod api;
pub mod check;
mod create;
mod delete;
mod dnsmasq;
mod exec;
mod fault;
mod files;
mod fill;
mod idmap;
mod interfaces;
mod locate;
mod observe;
mod operation;
mod origin;
mod outward;
mod read_ahead;
mod read_first;
mod run;
mod running;
mod settings;
pub mod setup;
mod shape;
mod socket;
mod start;
mod stumble;
mod tls;
mod usage;
mod wire;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId, SessionId};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell, Semaphore, SemaphorePermit, mpsc};

pub use settings::{Address, Deadlines, Https, Settings};

use crate::{
    Addresses, CreateSpec, Exec, ExecSpec, Generation, InstanceEvent, Observed, Output, Outward,
    Progress, Provider, Result, RunSpec, ServerInfo, Source, Usage,
};
use api::Api;
use shape::{Dialect, Egress};
use wire::{MARK, SESSION, Server};

/// A server of LXD or Incus, or a cluster.
pub struct Lxd {
    api: Api,
    deadlines: Deadlines,
    /// Held while a container is made: two at once can be given the same id range.
    creating: Mutex<()>,
    operations: Semaphore,
    /// Whether a start failed because this kernel cannot limit what containers send.
    no_egress: AtomicBool,
    dialect: OnceCell<Dialect>,
    /// Held while is written what containers may reach.
    names: Mutex<outward::Written>,
}

impl Lxd {
    /// Prepares to speak to a server; nothing is sent yet. Fails when no socket is found, or a certificate cannot be
    /// read.
    pub fn new(settings: &Settings) -> Result<Self> {
        Ok(Self {
            api: Api::new(&settings.address)?,
            deadlines: settings.deadlines,
            creating: Mutex::new(()),
            operations: Semaphore::new(settings.parallel.get()),
            no_egress: AtomicBool::new(false),
            dialect: OnceCell::new(),
            names: Mutex::default(),
        })
    }

    /// Where the server is: the socket's path, or host and port.
    pub fn server(&self) -> &str {
        self.api.server()
    }

    /// Whether the server is on this machine.
    pub fn is_local(&self) -> bool {
        self.api.is_local()
    }

    /// Waits for a place among the operations that run at once.
    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.operations.acquire().await.ok()
    }

    /// Whether it is LXD or Incus; asked once.
    async fn dialect(&self) -> Result<Dialect> {
        let ask = || async {
            let server: Server = self.api.get(self.api.url(None, [])).await?;
            Ok(if server.environment.server == "incus" { Dialect::Incus } else { Dialect::Lxd })
        };
        self.dialect.get_or_try_init(ask).await.copied()
    }

    fn egress(&self) -> Egress {
        if self.no_egress.load(Ordering::Relaxed) { Egress::Unlimited } else { Egress::Limited }
    }

    /// Changes some keys of an instance.
    async fn change(&self, instance: &InstanceRef, keys: &Value) -> Result<()> {
        self.api.tell(Method::PATCH, self.api.instance(instance, []), keys).await
    }
}

#[async_trait]
impl Provider for Lxd {
    async fn info(&self) -> Result<ServerInfo> {
        let server: Server = self.api.get(self.api.url(None, [])).await?;
        Ok(ServerInfo {
            trusted: server.auth == "trusted",
            kind: server.environment.server,
            version: server.environment.server_version,
            clustered: server.environment.server_clustered,
        })
    }

    async fn generation(&self, source: &Source) -> Result<Generation> {
        origin::resolve(&self.api, source).await?.generation(source)
    }

    async fn create(&self, spec: &CreateSpec, progress: mpsc::Sender<Progress>) -> Result<()> {
        self.make(spec, &progress).await
    }

    async fn start(&self, instance: &InstanceRef, progress: mpsc::Sender<Progress>) -> Result<()> {
        self.run_up(instance, &progress).await
    }

    async fn delete(&self, instance: &InstanceRef, mark: ServerId) -> Result<()> {
        self.remove(instance, mark).await
    }

    async fn get(&self, instance: &InstanceRef) -> Result<Option<Observed>> {
        self.find(instance).await
    }

    async fn usage(&self, instance: &InstanceRef) -> Result<Option<Usage>> {
        usage::ask(&self.api, instance).await
    }

    async fn list(&self, projects: &[Project]) -> Result<Vec<Observed>> {
        self.marked(projects).await
    }

    async fn unmark(&self, instance: &InstanceRef) -> Result<()> {
        self.change(instance, &json!({"config": {MARK: ""}})).await
    }

    async fn sign(&self, instance: &InstanceRef, session: SessionId) -> Result<()> {
        self.change(instance, &json!({"config": {SESSION: session.to_string()}})).await
    }

    async fn exec(&self, instance: &InstanceRef, spec: &ExecSpec) -> Result<Exec> {
        exec::open(&self.api, instance, spec).await
    }

    async fn run(&self, instance: &InstanceRef, spec: &RunSpec) -> Result<Output> {
        run::run(&self.api, instance, spec).await
    }

    async fn write_file(
        &self,
        instance: &InstanceRef,
        path: &str,
        content: Bytes,
        mode: u32,
    ) -> Result<()> {
        files::write(&self.api, instance, path, content, mode).await
    }

    async fn read_file(&self, instance: &InstanceRef, path: &str, max: usize) -> Result<Bytes> {
        files::read(&self.api, instance, path, max).await
    }

    async fn fill(&self, source: &Source) -> Result<Option<u8>> {
        fill::ask(self, source).await
    }

    async fn let_out(&self, outward: &Outward) -> Result<()> {
        self.write_outward(outward).await
    }

    async fn addresses(&self, instance: &InstanceRef) -> Result<Addresses> {
        addresses::of(&self.api, instance).await
    }

    async fn events(&self, projects: &[Project]) -> Result<mpsc::Receiver<InstanceEvent>> {
        self.follow(projects).await
    }
}
