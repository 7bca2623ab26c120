//! Deletes containers, however they are stuck.

use domain::{InstanceRef, ServerId};
use reqwest::Method;
use serde_json::json;

use super::{
    Lxd, fault,
    shape::{DeviceKind, kind},
    wire::Instance,
};
use crate::{Error, InstanceStatus, Result};

/// How often a deletion is begun anew when something else works on the container.
const TRIES: usize = 4;

impl Lxd {
    pub(super) async fn remove(&self, instance: &InstanceRef, mark: ServerId) -> Result<()> {
        for _ in 1..TRIES {
            match fault::unless_absent(self.remove_once(instance, mark).await) {
                Err(error) if fault::is_busy(&error) => {
                    self.api.settle(instance, self.deadlines.delete).await?
                }
                // A subvolume in a container whose disk is full cannot be deleted.
                Err(Error::Exhausted(why)) if why.contains("isk quota exceeded") => {
                    tracing::info!(%instance, why, "raising the disk limit of a container that is to be deleted");
                    self.raise_disk_limit(instance).await?;
                }
                done => return done.map(drop),
            }
        }
        fault::unless_absent(self.remove_once(instance, mark).await).map(drop)
    }

    async fn remove_once(&self, instance: &InstanceRef, mark: ServerId) -> Result<()> {
        let Some(found) = self.find(instance).await? else { return Ok(()) };
        if found.mark != Some(mark) {
            return Err(Error::Foreign(instance.to_string()));
        }
        self.part(instance).await?;
        let _place = self.place().await;
        if found.status != InstanceStatus::Stopped {
            self.stop(instance).await?;
        }
        let operation =
            self.api.begin(Method::DELETE, self.api.instance(instance, []), &json!({})).await?;
        self.api.finish(&operation, &instance.project, self.deadlines.delete).await.map(drop)
    }

    async fn stop(&self, instance: &InstanceRef) -> Result<()> {
        let body = json!({"action": "stop", "force": true, "timeout": -1});
        let stopped = async {
            let operation =
                self.api.begin(Method::PUT, self.api.instance(instance, ["state"]), &body).await?;
            self.api.finish(&operation, &instance.project, self.deadlines.delete).await
        };
        match stopped.await {
            Err(Error::NotRunning(_)) => Ok(()),
            Err(error) if fault::already(&error, "stopped") => Ok(()),
            stopped => stopped.map(drop),
        }
    }

    async fn raise_disk_limit(&self, instance: &InstanceRef) -> Result<()> {
        let found: Instance = self.api.get(self.api.instance(instance, [])).await?;
        let devices = &found.expanded_devices;
        for (name, device) in devices {
            if kind(devices, name) == Some(DeviceKind::Root) {
                let mut root = device.clone();
                root.insert("size".to_owned(), "1TiB".to_owned());
                self.change(instance, &json!({"devices": {name: root}})).await?;
            }
        }
        Ok(())
    }
}
