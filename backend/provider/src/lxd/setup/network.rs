//! The bridge, with subnets that nothing else on the server uses, and no way out but those on its access list.

use serde_json::json;

use super::{DESCRIPTION, Families, MARK, Object, Outcome, Plan, Setup, Step, about, keys, subnet};
use crate::{
    Error, Result,
    lxd::{
        dnsmasq,
        interfaces::{self, Address},
        wire::Keys,
    },
};

const IPV4: &str = "ipv4.address";
const IPV6: &str = "ipv6.address";
const NONE: &str = "none";

/// Makes the bridge, or closes one that was made before.
pub(super) async fn ensure(setup: &Setup<'_>, plan: &Plan) -> Result<Step> {
    let what = format!("network {}", plan.network);
    let url = setup.url(["networks", &plan.network]);
    match setup.object(url.clone()).await? {
        Some(Object { managed: Some(false), .. }) => return Err(stray(&plan.network)),
        Some(found) => {
            let wanted = closed(plan, &found.config);
            let step = setup.bring(what, url, found, wanted).await?;
            return Ok(match step.outcome {
                Outcome::Changed => step.noting("containers reach what its access list allows"),
                _ => step,
            });
        }
        None => {}
    }
    let server = setup.single_server(&what).await?;
    let taken = taken(setup).await?;
    let seed = format!("{}{}", server.environment.certificate_fingerprint, plan.network);
    let full = || Error::Refused(format!("{what}: no private IPv4 subnet is free"));
    let ipv4 = match plan.families {
        Families::Ipv6 => NONE.to_owned(),
        _ => subnet::ipv4(&seed, &taken).ok_or_else(full)?.to_string(),
    };
    let ipv6 = match plan.families {
        Families::Ipv4 => NONE.to_owned(),
        _ => subnet::ipv6(&seed, &taken).to_string(),
    };

    let created = Step::new(&what, Outcome::Created);
    match make(setup, plan, &ipv4, &ipv6).await {
        Ok(()) => Ok(created.noting(note(&ipv4, &ipv6))),
        // A host without IPv6.
        Err(Error::Refused(why))
            if plan.families == Families::Both && why.to_lowercase().contains("ipv6") =>
        {
            make(setup, plan, &ipv4, NONE).await.map_err(|error| about(&what, error))?;
            Ok(created.noting(format!("{ipv4}; no IPv6, since {why}")))
        }
        Err(error) => Err(about(&what, error)),
    }
}

fn note(ipv4: &str, ipv6: &str) -> String {
    let given: Vec<_> = [ipv4, ipv6].into_iter().filter(|address| *address != NONE).collect();
    given.join(", ")
}

/// A server lists every interface of its machine, and one that was killed leaves its bridge behind.
fn stray(name: &str) -> Error {
    Error::Refused(format!(
        "the server's machine has a network interface {name} that is none of the server's networks. If an earlier server \
         left it behind, delete it: ip link delete {name}"
    ))
}

/// What closes a bridge with these addresses: whatever the list does not allow is refused, in both directions and
/// between its own containers, and its name server asks no other.
fn closed(plan: &Plan, config: &Keys) -> Keys {
    let has = |key: &str| config.get(key).is_some_and(|address| address != NONE);
    let before = config.get(dnsmasq::KEY).map_or("", String::as_str);
    let dnsmasq = dnsmasq::config(&plan.network, has(IPV4), has(IPV6), dnsmasq::hosts_in(before));
    keys(&[
        ("security.acls", &plan.network),
        ("security.acls.default.ingress.action", "reject"),
        ("security.acls.default.egress.action", "reject"),
        (dnsmasq::KEY, &dnsmasq),
    ])
}

async fn make(setup: &Setup<'_>, plan: &Plan, ipv4: &str, ipv6: &str) -> Result<()> {
    let mut config = keys(&[MARK]);
    for (address, key, nat) in [(ipv4, IPV4, "ipv4.nat"), (ipv6, IPV6, "ipv6.nat")] {
        config.extend(keys(&[(key, address)]));
        if address != NONE {
            config.extend(keys(&[(nat, "true")]));
        }
    }
    config.extend(closed(plan, &config));
    let body = json!({
        "name": plan.network, "type": "bridge", "description": DESCRIPTION, "config": config,
    });
    setup.make(setup.url(["networks"]), body).await
}

/// The subnets that the server's interfaces have, and where it is this machine, those its routes lead to.
async fn taken(setup: &Setup<'_>) -> Result<Vec<ipnet::IpNet>> {
    let api = &setup.lxd.api;
    let mut taken = if api.is_local() { subnet::local_routes() } else { Vec::new() };
    for name in interfaces::names(api, None).await? {
        // One that vanished meanwhile, or that the server cannot describe, has no addresses either.
        let Ok(found) = interfaces::addresses(api, None, &name).await else { continue };
        taken.extend(found.iter().filter_map(Address::net));
    }
    Ok(taken)
}
