//! The bridge, with subnets that nothing else on the server uses.

use serde::Deserialize;
use serde_json::json;

use super::{MARK, Object, Outcome, Plan, Step, about, subnet};
use crate::{
    Error, Result,
    lxd::{Lxd, wire::or_default},
};

pub(super) async fn ensure(lxd: &Lxd, plan: &Plan) -> Result<Step> {
    let what = format!("network {}", plan.network);
    match lxd.object(lxd.api.url(None, ["networks", &plan.network])).await? {
        Some(Object { managed: Some(false), .. }) => return Err(stray(&plan.network)),
        Some(_) => return Ok(Step::new(what, Outcome::Kept)),
        None => {}
    }
    let server = lxd.single_server(&what).await?;
    let taken = taken(lxd).await?;
    let seed = format!("{}{}", server.environment.certificate_fingerprint, plan.network);
    let full = || Error::Refused(format!("{what}: no private IPv4 subnet is free"));
    let ipv4 = subnet::ipv4(&seed, &taken).ok_or_else(full)?.to_string();
    let ipv6 = subnet::ipv6(&seed, &taken).to_string();

    let created = Step::new(&what, Outcome::Created);
    match make(lxd, plan, &ipv4, &ipv6).await {
        Ok(()) => Ok(created.noting(format!("{ipv4}, {ipv6}"))),
        // A host without IPv6.
        Err(Error::Refused(why)) if why.to_lowercase().contains("ipv6") => {
            make(lxd, plan, &ipv4, "none").await.map_err(|error| about(&what, error))?;
            Ok(created.noting(format!("{ipv4}; no IPv6, since {why}")))
        }
        Err(error) => Err(about(&what, error)),
    }
}

/// A server lists every interface of its machine, and one that was killed leaves its bridge behind.
fn stray(name: &str) -> Error {
    Error::Refused(format!(
        "the server's machine has a network interface {name} that is none of the server's networks. If an earlier server \
         left it behind, delete it: ip link delete {name}"
    ))
}

async fn make(lxd: &Lxd, plan: &Plan, ipv4: &str, ipv6: &str) -> Result<()> {
    let mut config = json!({
        MARK.0: MARK.1, "ipv4.address": ipv4, "ipv4.nat": "true", "ipv6.address": ipv6,
    });
    if ipv6 != "none" {
        config["ipv6.nat"] = json!("true");
    }
    let body = json!({"name": plan.network, "type": "bridge", "description": "made by tryit setup", "config": config});
    lxd.make_object(lxd.api.url(None, ["networks"]), body).await
}

/// The subnets that the server's interfaces have, and where it is this machine, those its routes lead to.
async fn taken(lxd: &Lxd) -> Result<Vec<ipnet::IpNet>> {
    let mut url = lxd.api.url(None, ["networks"]);
    url.query_pairs_mut().append_pair("recursion", "1");
    let interfaces: Vec<Interface> = lxd.api.get(url).await?;
    let mut taken = if lxd.api.is_local() { subnet::local_routes() } else { Vec::new() };
    for interface in interfaces {
        // One that vanished meanwhile, or that the server cannot describe, has no addresses either.
        let url = lxd.api.url(None, ["networks", &interface.name, "state"]);
        let Ok(state) = lxd.api.get::<State>(url).await else { continue };
        let nets = state.addresses.iter().filter_map(|address| {
            format!("{}/{}", address.address, address.netmask).parse::<ipnet::IpNet>().ok()
        });
        taken.extend(nets);
    }
    Ok(taken)
}

#[derive(Deserialize)]
struct Interface {
    name: String,
}

#[derive(Deserialize)]
struct State {
    #[serde(default, deserialize_with = "or_default")]
    addresses: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    address: String,
    netmask: String,
}
