//! Watches without pause that no limit is exceeded, and in the end that nothing is left.

use std::{collections::HashSet, time::Duration};

use reqwest::Method;

use crate::{
    outcome::Trouble,
    support::{lxd, until},
    world::{MAX, QUEUE_MAX, World},
};

/// Looks at the service and at LXD, until everybody is to leave.
pub async fn watch(world: World) {
    while world.pause(Duration::from_millis(300)).await {
        if let Some(status) = world.service().await.ended() {
            world.fault(format!("the service ended by itself: {status}"));
            return;
        }
        match status(&world).await {
            Err(Trouble::Wrong(what)) => world.fault(what),
            // Nobody is there just now, which chaos has done.
            Err(Trouble::Away(_) | Trouble::Ended | Trouble::Exited) | Ok(()) => {}
        }
        containers(&world).await;
    }
}

/// Places taken and visitors waiting, as the service counts them.
async fn status(world: &World) -> Result<(), Trouble> {
    let (_, status) = world.ask(world.request(Method::GET, "/status")).await?;
    // Read afterwards: a container that a reset gives up is noted before.
    let may_be = MAX + world.ledger().leaving() as u64;
    let number = |pointer: &str| status.pointer(pointer).and_then(serde_json::Value::as_u64);
    let active = number("/sessions/active").unwrap_or(u64::MAX);
    let waiting = number("/queue/length").unwrap_or(u64::MAX);
    if active > may_be || waiting > QUEUE_MAX {
        return Err(Trouble::Wrong(format!(
            "more than {may_be} places or {QUEUE_MAX} waiting: {status}"
        )));
    }
    Ok(())
}

/// Containers, as LXD counts them. Each stands for a place, for one that a reset gives up, or is nobody's in the pool.
async fn containers(world: &World) {
    let before = world.ledger().leaving_names();
    let Some(present) = try_marked(world).await else { return };
    let may_be = MAX as usize + world.ledger().leaving() + POOL;
    if present.len() > may_be {
        world.fault(format!("more than {may_be} containers: {present:?}"));
    }
    world.ledger().gone(&before, &present);
}

/// Containers of the pool, with those that are being replaced.
const POOL: usize = 3;

/// The containers that carry a mark; none where LXD does not answer.
async fn try_marked(world: &World) -> Option<HashSet<String>> {
    let all =
        lxd::try_ask_at(world.lxd(), Method::GET, "/instances?recursion=1", None).await.ok()??;
    let marked =
        all.as_array()?.iter().filter(|one| one["config"]["user.tryit.server"].is_string());
    Some(marked.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect())
}

/// The same; empty where LXD does not answer.
pub async fn marked(world: &World) -> HashSet<String> {
    try_marked(world).await.unwrap_or_default()
}

/// Waits until every place is free and no container is left.
pub async fn everything_is_gone(world: &World) {
    let places = until("every place is free", || async {
        if let Some(status) = world.service().await.ended() {
            return Some(Err(format!("the service ended by itself: {status}")));
        }
        let (_, status) = world.ask(world.request(Method::GET, "/status")).await.ok()?;
        let free = status["sessions"]["active"] == 0 && status["queue"]["length"] == 0;
        free.then_some(Ok(()))
    });
    if let Err(what) = places.await {
        world.fault(what);
    }
    until("no container is left", || async {
        let left = try_marked(world).await?;
        left.is_empty().then_some(())
    })
    .await;
}
