//! The storage pool: btrfs in a loop file where that works, else a directory; or what the operator chose.

use serde_json::{Value, json};

use super::{DESCRIPTION, MARK, Outcome, Plan, PoolDriver, Setup, Step, about};
use crate::{Error, Result};

/// What a pool without quotas and copies on write costs.
pub(in crate::lxd) const DIRECTORY: &str =
    "a plain directory: disk limits don't hold, and copies take long";

pub(super) async fn ensure(setup: &Setup<'_>, plan: &Plan) -> Result<Step> {
    let what = format!("storage pool {}", plan.pool);
    if let Some(pool) = setup.object(setup.url(["storage-pools", &plan.pool])).await? {
        let kept = Step::new(what, Outcome::Kept);
        return Ok(match plan.pool_driver {
            Some(wanted) if wanted.as_str() != pool.driver => kept.noting(format!(
                "{}; another driver needs another pool: tryit setup --remove first",
                pool.driver
            )),
            _ => kept.noting(if pool.driver == "dir" { DIRECTORY } else { &pool.driver }),
        });
    }
    let server = setup.single_server(&what).await?;
    let created = Step::new(&what, Outcome::Created);
    if let Some(driver) = plan.pool_driver {
        make(setup, plan, driver).await.map_err(|error| about(&what, error))?;
        return Ok(created.noting(note(driver)));
    }
    let drivers = &server.environment.storage_supported_drivers;
    let why = if drivers.iter().any(|driver| driver.name == "btrfs") {
        match make(setup, plan, PoolDriver::Btrfs).await {
            Ok(()) => return Ok(created.noting(note(PoolDriver::Btrfs))),
            Err(Error::Refused(why) | Error::Exhausted(why)) => why,
            Err(error) => return Err(error),
        }
    } else {
        "the server lacks btrfs".to_owned()
    };
    make(setup, plan, PoolDriver::Dir).await.map_err(|error| about(&what, error))?;
    Ok(created.noting(format!("{DIRECTORY}; no btrfs, since {why}")))
}

fn note(driver: PoolDriver) -> String {
    match driver {
        PoolDriver::Dir => DIRECTORY.to_owned(),
        other => format!("{} in a loop file", other.as_str()),
    }
}

async fn make(setup: &Setup<'_>, plan: &Plan, driver: PoolDriver) -> Result<()> {
    let mut config = json!({MARK.0: MARK.1});
    if let (Value::Object(config), Some(size)) = (&mut config, &plan.pool_size)
        && driver != PoolDriver::Dir
    {
        config.insert("size".to_owned(), json!(size));
    }
    let body = json!({
        "name": plan.pool, "driver": driver.as_str(), "description": DESCRIPTION, "config": config,
    });
    setup.make(setup.url(["storage-pools"]), body).await
}
