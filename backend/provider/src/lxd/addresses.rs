//! The addresses that a container may send from.
//!
//! They are what the bridge's name server hands to the container's hardware address, which its filters hold it to. What
//! the container says of itself is no source: root in it may give itself a neighbour's address.

use std::net::IpAddr;

use domain::InstanceRef;
use serde::Deserialize;

use super::{api::Api, wire::Instance};
use crate::{Addresses, Result};

/// An address that the bridge knows of.
#[derive(Debug, Deserialize)]
struct Lease {
    hwaddr: String,
    address: String,
}

/// Where a container's first interface is plugged in.
pub(super) struct Plug {
    /// The bridge.
    pub bridge: String,
    hwaddr: String,
}

/// The addresses of a container.
pub(super) async fn of(api: &Api, instance: &InstanceRef) -> Result<Addresses> {
    match plug(api, instance).await? {
        Some(plug) => plug.addresses(api, instance).await,
        None => Ok(Addresses::default()),
    }
}

/// Where a container is plugged in; none for one without a network of the server's.
pub(super) async fn plug(api: &Api, instance: &InstanceRef) -> Result<Option<Plug>> {
    let found: Instance = api.get(api.instance(instance, [])).await?;
    Ok(found.expanded_devices.iter().find_map(|(name, device)| {
        let bridge = device.get("network")?.clone();
        let given = || found.config.get(&format!("volatile.{name}.hwaddr"));
        Some(Plug { bridge, hwaddr: device.get("hwaddr").or_else(given)?.clone() })
    }))
}

impl Plug {
    /// The addresses that the bridge's name server keeps for it.
    pub async fn addresses(&self, api: &Api, instance: &InstanceRef) -> Result<Addresses> {
        let leases = api.url(Some(&instance.project), ["networks", &self.bridge, "leases"]);
        Ok(held(&self.hwaddr, &api.get::<Vec<Lease>>(leases).await?))
    }
}

fn held(hwaddr: &str, leases: &[Lease]) -> Addresses {
    let own = leases.iter().filter(|lease| lease.hwaddr.eq_ignore_ascii_case(hwaddr));
    let (mut ipv4, mut ipv6) = (Vec::new(), Vec::new());
    for address in own.filter_map(|lease| lease.address.parse().ok()) {
        match address {
            IpAddr::V4(ip) => ipv4.push(ip),
            IpAddr::V6(ip) => ipv6.push(ip),
        }
    }
    Addresses { ipv4: only(&ipv4), ipv6: only(&ipv6) }
}

/// The one that there is. Who asked for a second one may not use it, and somebody else may come to have it.
fn only<T: Copy + PartialEq>(all: &[T]) -> Option<T> {
    let first = all.first()?;
    all.iter().all(|other| other == first).then_some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(hwaddr: &str, address: &str) -> Lease {
        Lease { hwaddr: hwaddr.to_owned(), address: address.to_owned() }
    }

    #[test]
    fn the_addresses_are_those_of_its_own_interface() {
        let mut leases = vec![
            lease("00:16:3e:00:00:01", "192.0.2.1"),
            lease("00:16:3e:00:00:02", "192.0.2.2"),
            lease("00:16:3E:00:00:01", "2001:db8::1"),
        ];
        let found = held("00:16:3e:00:00:01", &leases);
        assert_eq!(found.ipv4, "192.0.2.1".parse().ok());
        assert_eq!(found.ipv6, "2001:db8::1".parse().ok());
        leases.push(lease("00:16:3e:00:00:01", "192.0.2.9"));
        assert_eq!(held("00:16:3e:00:00:01", &leases).ipv4, None, "which of the two is held to?");
        assert_eq!(held("00:16:3e:00:00:03", &leases), Addresses::default());
    }
}
