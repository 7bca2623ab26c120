//! What goes wrong, by the seed: the service is killed, stopped or halted, LXD is killed, containers vanish.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::{
    Options,
    support::{Daemon, lxd},
    watch::marked,
    world::World,
};

/// Lets things go wrong one after the other, for as long as it shall or until something that must not be was seen.
pub async fn rage(world: &World, daemon: &Daemon, options: &Options) {
    let mut random = fastrand::Rng::with_seed(options.seed);
    let end = Instant::now() + options.length;
    while Instant::now() < end && world.pause(Duration::from_millis(random.u64(1000..9000))).await {
        let dark = Duration::from_millis(random.u64(0..4000));
        match random.u8(0..12) {
            0..=3 => kill_service(world, dark).await,
            4 => terminate_service(world, dark).await,
            5 => halt_service(world, dark).await,
            6..=7 => kill_lxd(world, daemon, dark).await,
            8 => {
                kill_service(world, Duration::ZERO).await;
                kill_lxd(world, daemon, dark).await;
            }
            _ => take_container_away(world, &mut random).await,
        }
    }
}

/// The service ends as it should.
pub async fn farewell(world: &World) {
    let status = world.service().await.terminate().await;
    if !status.success() {
        world.fault(format!("the service did not end as it should: {status}"));
    }
}

fn say(world: &World, what: &str) {
    println!("soak: {what}");
    world.ledger().count(what);
}

async fn kill_service(world: &World, dark: Duration) {
    say(world, "kill -9 of the service");
    let mut service = world.service().await;
    service.kill().await;
    tokio::time::sleep(dark).await;
    service.start();
}

async fn terminate_service(world: &World, dark: Duration) {
    say(world, "SIGTERM to the service");
    let mut service = world.service().await;
    let status = service.terminate().await;
    if !status.success() {
        world.fault(format!("the service did not end as it should: {status}"));
    }
    tokio::time::sleep(dark).await;
    service.start();
}

async fn halt_service(world: &World, dark: Duration) {
    say(world, "the service stands still");
    let service = world.service().await;
    service.signal("STOP").await;
    tokio::time::sleep(dark).await;
    service.signal("CONT").await;
}

async fn kill_lxd(world: &World, daemon: &Daemon, dark: Duration) {
    say(world, "kill -9 of LXD");
    daemon.kill().await;
    tokio::time::sleep(dark).await;
    daemon.restart().await;
}

/// Stops or deletes a container past the service.
async fn take_container_away(world: &World, random: &mut fastrand::Rng) {
    let mut names: Vec<_> = marked(world).await.into_iter().collect();
    names.sort();
    if names.is_empty() {
        return;
    }
    let name = names.swap_remove(random.usize(0..names.len()));
    say(world, "a container is taken away");
    world.ledger().sabotage(&name);
    let state = format!("/instances/{name}/state");
    let stop = json!({"action": "stop", "force": true, "timeout": 30});
    // The service may be at it as well: whoever is late is refused, and the container goes all the same.
    if let Err(why) = lxd::try_ask_at(world.lxd(), Method::PUT, &state, Some(stop)).await {
        println!("soak: {name} was not stopped: {why}");
    }
    if random.bool() {
        let instance = format!("/instances/{name}");
        if let Err(why) = lxd::try_ask_at(world.lxd(), Method::DELETE, &instance, None).await {
            println!("soak: {name} was not deleted: {why}");
        }
    }
}
