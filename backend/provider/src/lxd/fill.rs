//! How full the storage pool of a source is.

use serde::Deserialize;

use super::{
    Lxd, fault, origin,
    shape::{DeviceKind, kind},
};
use crate::{Result, Source};

/// Percent of the pool of the source's root disk that are in use, rounded up; none where that cannot be told.
pub(super) async fn ask(lxd: &Lxd, source: &Source) -> Result<Option<u8>> {
    let devices = origin::resolve(&lxd.api, source).await?.devices();
    let root = devices.iter().find(|(name, _)| kind(&devices, name) == Some(DeviceKind::Root));
    let Some(pool) = root.and_then(|(_, device)| device.get("pool")) else { return Ok(None) };
    let url = lxd.api.url(Some(&source.project), ["storage-pools", pool, "resources"]);
    Ok(fault::unless_absent(lxd.api.get::<Resources>(url).await)?
        .and_then(|told| told.space.fill()))
}

#[derive(Deserialize)]
struct Resources {
    space: Space,
}

#[derive(Deserialize)]
struct Space {
    #[serde(default)]
    used: u64,
    #[serde(default)]
    total: u64,
}

impl Space {
    fn fill(&self) -> Option<u8> {
        let percent = (u128::from(self.used) * 100).checked_div(u128::from(self.total))?;
        let up = u128::from(self.used) * 100 > percent * u128::from(self.total);
        u8::try_from((percent + u128::from(up)).min(100)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_are_rounded_up_and_a_pool_without_a_size_has_none() {
        let fill = |used, total| Space { used, total }.fill();
        assert_eq!(fill(0, 10), Some(0));
        assert_eq!(fill(1, 1000), Some(1));
        assert_eq!(fill(90, 100), Some(90));
        assert_eq!(fill(u64::MAX, u64::MAX), Some(100));
        assert_eq!(fill(20, 10), Some(100));
        assert_eq!(fill(0, 0), None);
    }
}
