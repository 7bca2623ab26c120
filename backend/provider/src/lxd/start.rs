//! Starts containers that share their ids with nobody.

use std::sync::atomic::Ordering;

use domain::InstanceRef;
use reqwest::Method;
use serde_json::json;
use tokio::sync::mpsc;

use super::{Lxd, fault, idmap, shape, wire::Instance};
use crate::{Error, Progress, Result};

impl Lxd {
    pub(super) async fn run_up(
        &self,
        instance: &InstanceRef,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<()> {
        // Looking at all containers takes a while when there are many, so it is done meanwhile: nobody is let in before
        // both are done.
        let (alone, started) =
            tokio::join!(self.has_its_own_ids(instance), self.start_stubbornly(instance, progress));
        alone.and(started)
    }

    async fn has_its_own_ids(&self, instance: &InstanceRef) -> Result<()> {
        let all = self.neighbours(instance).await?;
        let is_it = |other: &&Instance| {
            other.name == instance.name.as_str() && other.project == instance.project.as_str()
        };
        // One that vanished meanwhile shares nothing.
        match all.iter().find(is_it).and_then(|found| idmap::sharer(found, &all)) {
            Some(other) => {
                tracing::warn!(%instance, other, "two containers have the same ids");
                Err(Error::SharedIdRange(instance.name.to_string()))
            }
            None => Ok(()),
        }
    }

    async fn start_stubbornly(
        &self,
        instance: &InstanceRef,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<()> {
        match self.start_once(instance, progress).await {
            Err(error) if fault::is_busy(&error) => {
                // What an earlier try began, before its answer was lost.
                self.api.settle(instance, self.deadlines.start).await?;
                self.start_once(instance, progress).await
            }
            Err(error) if lacks_policing(&error) => {
                self.give_up_egress_limits();
                self.lift_egress_limits(instance).await?;
                self.start_once(instance, progress).await
            }
            started => started,
        }
    }

    async fn start_once(
        &self,
        instance: &InstanceRef,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<()> {
        let _place = self.place().await;
        let started = async {
            let body = json!({"action": "start", "timeout": -1});
            let operation =
                self.api.begin(Method::PUT, self.api.instance(instance, ["state"]), &body).await?;
            self.api
                .finish_reporting(&operation, &instance.project, self.deadlines.start, progress)
                .await
        };
        match started.await {
            Err(error) if fault::already(&error, "running") => Ok(()),
            started => started.map(drop),
        }
    }

    /// All containers whose ids could be those of `instance`.
    async fn neighbours(&self, instance: &InstanceRef) -> Result<Vec<Instance>> {
        let mut url = self.api.url(None, ["instances"]);
        url.query_pairs_mut().append_pair("recursion", "1").append_pair("all-projects", "true");
        match self.api.get(url).await {
            // A client that is confined to its projects sees those only.
            Err(Error::Untrusted(_) | Error::Refused(_)) => self.instances(&instance.project).await,
            all => all,
        }
    }

    /// Remembers that this host cannot limit what containers send, and says so once.
    fn give_up_egress_limits(&self) {
        if !self.no_egress.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                server = self.api.server(),
                "this kernel cannot limit what containers send (it lacks act_police): only what they receive is limited"
            );
        }
    }

    async fn lift_egress_limits(&self, instance: &InstanceRef) -> Result<()> {
        let found: Instance = self.api.get(self.api.instance(instance, [])).await?;
        self.change(instance, &json!({"devices": shape::without_egress(&found.devices)})).await
    }
}

/// The words of a start that failed for want of the kernel's `act_police`.
fn lacks_policing(error: &Error) -> bool {
    matches!(error, Error::Refused(words)
        if words.contains("Failed to load TC action module") || words.contains("ingress tc filter"))
}
