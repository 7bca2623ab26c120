//! Sandboxes on this machine in place of containers: for tutorial authors, and for machines without LXD.
//!
//! An instance is a bubblewrap sandbox: namespaces of its own, this machine's `/usr` read-only, no network, and
//! everything else in memory. All commands of an instance enter the same namespaces, so that they share files and
//! processes; both last as long as the instance runs, and no longer than the service. Works for root and for ordinary
//! users; a sandbox has no more rights on the machine than `nobody` or that user has.
//!
//! It is no place for strangers: nothing limits what a sandbox uses of the machine. Only loopback listeners offer it.
//! What is asked of a source or profile is not looked at: there is one kind of sandbox. Inside there is one user, root.

mod command;
mod files;
mod instances;
mod run;
mod sandbox;
mod terminal;
mod tools;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId, SessionId};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    CALL_DEADLINE, CreateSpec, Error, Exec, ExecSpec, Generation, InstanceEvent, Observed, Output,
    Progress, Provider, Result, RunSpec, ServerInfo, Source,
};
use instances::Instances;
use sandbox::Sandbox;
use tools::Tools;

/// Where programs are found inside.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Sandboxes on this machine.
pub struct Preview {
    tools: Tools,
    instances: Instances,
}

impl Preview {
    /// Looks for what sandboxes are made with.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], with what to install, when a program is missing.
    pub fn new() -> Result<Self> {
        Ok(Self { tools: Tools::find()?, instances: Instances::default() })
    }

    fn running(&self, instance: &InstanceRef) -> Result<Arc<Sandbox>> {
        self.instances.sandbox(instance)?.ok_or_else(|| Error::NotRunning(instance.to_string()))
    }
}

#[async_trait]
impl Provider for Preview {
    async fn info(&self) -> Result<ServerInfo> {
        let asked = tools::command(&self.tools.bwrap).arg("--version").output();
        let output =
            timeout(CALL_DEADLINE, asked).await.map_err(|_| Error::Deadline(CALL_DEADLINE))?;
        let output = output.map_err(|error| sandbox::failed(&error))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.trim().trim_start_matches("bubblewrap ").to_owned();
        Ok(ServerInfo { kind: "preview".to_owned(), version, trusted: true, clustered: false })
    }

    async fn generation(&self, _source: &Source) -> Result<Generation> {
        Ok("preview".to_owned().into())
    }

    async fn create(&self, spec: &CreateSpec, _progress: mpsc::Sender<Progress>) -> Result<()> {
        self.instances.create(&spec.instance, spec.mark)
    }

    async fn start(&self, instance: &InstanceRef, _progress: mpsc::Sender<Progress>) -> Result<()> {
        if self.instances.sandbox(instance)?.is_some() {
            return Ok(());
        }
        let on_end = self.instances.on_end(instance.clone());
        let sandbox = Sandbox::start(&self.tools, &instance.name, on_end).await?;
        self.instances.started(instance, sandbox)
    }

    async fn delete(&self, instance: &InstanceRef, mark: ServerId) -> Result<()> {
        match self.instances.remove(instance, mark)? {
            Some(sandbox) => sandbox.end().await,
            None => Ok(()),
        }
    }

    async fn get(&self, instance: &InstanceRef) -> Result<Option<Observed>> {
        Ok(self.instances.observe().into_iter().find(|observed| observed.instance == *instance))
    }

    async fn list(&self, projects: &[Project]) -> Result<Vec<Observed>> {
        let wanted = |observed: &Observed| {
            observed.mark.is_some() && projects.contains(&observed.instance.project)
        };
        Ok(self.instances.observe().into_iter().filter(wanted).collect())
    }

    async fn unmark(&self, instance: &InstanceRef) -> Result<()> {
        self.instances.unmark(instance)
    }

    async fn sign(&self, instance: &InstanceRef, session: SessionId) -> Result<()> {
        self.instances.sign(instance, session)
    }

    async fn exec(&self, instance: &InstanceRef, spec: &ExecSpec) -> Result<Exec> {
        only_root(spec.user, spec.group)?;
        terminal::open(&*self.running(instance)?, spec)
    }

    async fn run(&self, instance: &InstanceRef, spec: &RunSpec) -> Result<Output> {
        only_root(spec.user, spec.group)?;
        run::run(&*self.running(instance)?, spec, Bytes::new()).await
    }

    async fn write_file(
        &self,
        instance: &InstanceRef,
        path: &str,
        content: Bytes,
        mode: u32,
    ) -> Result<()> {
        files::write(&*self.running(instance)?, path, content, mode).await
    }

    async fn read_file(&self, instance: &InstanceRef, path: &str, max: usize) -> Result<Bytes> {
        files::read(&*self.running(instance)?, path, max).await
    }

    async fn events(&self, projects: &[Project]) -> Result<mpsc::Receiver<InstanceEvent>> {
        Ok(self.instances.follow(projects))
    }
}

/// A sandbox of an ordinary user can have no other user.
fn only_root(user: Option<u32>, group: Option<u32>) -> Result<()> {
    match (user.unwrap_or(0), group.unwrap_or(0)) {
        (0, 0) => Ok(()),
        (user, group) => {
            Err(Error::Refused(format!("the preview sandbox has only root, not {user}:{group}")))
        }
    }
}
