//! Makes containers, one at a time.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Lxd, fault, origin, shape};
use crate::{CreateSpec, Error, InstanceKind, Progress, Result};

impl Lxd {
    pub(super) async fn make(
        &self,
        spec: &CreateSpec,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<()> {
        let (instance, source) = (&spec.instance, &spec.source);
        let origin = origin::resolve(&self.api, source).await?;
        let devices = shape::devices(&origin.devices(), &source.limits, self.egress());
        let body = json!({
            "name": instance.name,
            "type": match source.kind {
                InstanceKind::Container => "container",
                InstanceKind::VirtualMachine => "virtual-machine",
            },
            // A copy is not given its origin's profiles by itself.
            "profiles": source.profiles,
            "config": shape::config(source, spec.mark, self.dialect().await?),
            "devices": devices,
            "source": origin.request,
        });

        // Two creates under way at once can be given the same id range. The turn is taken first, so that whoever
        // waits for it holds no place among the operations.
        let _turn = self.creating.lock().await;
        let _place = self.place().await;
        let mut made = self.create_from(spec, &body, progress).await;
        if made.as_ref().is_err_and(fault::is_busy) {
            // An earlier try whose answer was lost is still at it.
            self.api.settle(instance, self.deadlines.create).await?;
            made = self.create_from(spec, &body, progress).await;
        }
        match made {
            Err(error) if fault::already_exists(&error) => match self.find(instance).await? {
                Some(found) if found.mark == Some(spec.mark) => Ok(()),
                Some(_) => Err(Error::NameTaken(instance.name.to_string())),
                None => Err(error),
            },
            made => made,
        }
    }

    async fn create_from(
        &self,
        spec: &CreateSpec,
        body: &Value,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<()> {
        let project = &spec.instance.project;
        let mut url = self.api.url(Some(project), ["instances"]);
        if let Some(target) = &spec.source.target {
            url.query_pairs_mut().append_pair("target", target);
        }
        let operation = self.api.begin(Method::POST, url, body).await?;
        self.api.finish_reporting(&operation, project, self.deadlines.create, progress).await?;
        Ok(())
    }
}
