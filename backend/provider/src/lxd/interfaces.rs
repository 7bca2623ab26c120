//! The interfaces of the server's machines and the addresses that they have, as far as this client is told of them.

use std::net::IpAddr;

use domain::Project;
use ipnet::IpNet;
use serde::Deserialize;

use super::{api::Api, wire::or_default};
use crate::Result;

/// An address with the length of its subnet's prefix.
#[derive(Deserialize)]
pub(super) struct Address {
    pub address: String,
    pub netmask: String,
}

impl Address {
    /// The address.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.parse().ok()
    }

    /// The address in its subnet.
    pub fn net(&self) -> Option<IpNet> {
        format!("{}/{}", self.address, self.netmask).parse().ok()
    }
}

/// The names of all interfaces, managed by the server or not.
pub(super) async fn names(api: &Api, project: Option<&Project>) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Interface {
        name: String,
    }
    let mut url = api.url(project, ["networks"]);
    url.query_pairs_mut().append_pair("recursion", "1");
    let interfaces: Vec<Interface> = api.get(url).await?;
    Ok(interfaces.into_iter().map(|interface| interface.name).collect())
}

/// The addresses of one. It may have vanished meanwhile, and some the server cannot describe.
pub(super) async fn addresses(
    api: &Api,
    project: Option<&Project>,
    name: &str,
) -> Result<Vec<Address>> {
    #[derive(Deserialize)]
    struct State {
        #[serde(default, deserialize_with = "or_default")]
        addresses: Vec<Address>,
    }
    let state: State = api.get(api.url(project, ["networks", name, "state"])).await?;
    Ok(state.addresses)
}
