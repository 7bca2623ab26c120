//! The storage pool: btrfs in a loop file where that works, else a directory.

use serde_json::{Value, json};

use super::{MARK, Outcome, Plan, Step, about};
use crate::{Error, Result, lxd::Lxd};

/// What a pool without quotas and copies on write costs.
pub(in crate::lxd) const DIRECTORY: &str =
    "a plain directory: disk limits don't hold, and copies take long";

pub(super) async fn ensure(lxd: &Lxd, plan: &Plan) -> Result<Step> {
    let what = format!("storage pool {}", plan.pool);
    if let Some(pool) = lxd.object(lxd.api.url(None, ["storage-pools", &plan.pool])).await? {
        let note = if pool.driver == "dir" { DIRECTORY } else { &pool.driver };
        return Ok(Step::new(what, Outcome::Kept).noting(note));
    }
    let server = lxd.single_server(&what).await?;
    let created = Step::new(&what, Outcome::Created);
    let drivers = &server.environment.storage_supported_drivers;
    let why = if drivers.iter().any(|driver| driver.name == "btrfs") {
        match make(lxd, plan, "btrfs").await {
            Ok(()) => return Ok(created.noting("btrfs in a loop file")),
            Err(Error::Refused(why) | Error::Exhausted(why)) => why,
            Err(error) => return Err(error),
        }
    } else {
        "the server lacks btrfs".to_owned()
    };
    make(lxd, plan, "dir").await.map_err(|error| about(&what, error))?;
    Ok(created.noting(format!("{DIRECTORY}; no btrfs, since {why}")))
}

async fn make(lxd: &Lxd, plan: &Plan, driver: &str) -> Result<()> {
    let mut config = json!({MARK.0: MARK.1});
    if let (Value::Object(config), "btrfs", Some(size)) = (&mut config, driver, &plan.pool_size) {
        config.insert("size".to_owned(), json!(size));
    }
    let body = json!({"name": plan.pool, "driver": driver, "description": "made by tryit setup", "config": config});
    lxd.make_object(lxd.api.url(None, ["storage-pools"]), body).await
}
