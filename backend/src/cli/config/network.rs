//! `[network]`: the bridge of the containers, and what they reach over it.

use serde::Deserialize;

use super::error::Mistake;

/// The containers' network.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Network {
    /// The bridge that `tryit setup` makes; its access list has the same name.
    pub bridge: String,
}

impl Default for Network {
    fn default() -> Self {
        Self { bridge: "tryitbr0".to_owned() }
    }
}

/// What the keys come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSettings {
    /// The bridge, and its access list.
    pub bridge: String,
}

/// Checks the keys.
pub(super) fn settings(table: &Network) -> Result<NetworkSettings, Mistake> {
    let bridge = &table.bridge;
    // What both an interface and an access list may be called.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = bridge.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !(2..=15).contains(&bridge.len()) || !bridge.chars().all(plain) {
        let message = format!(
            "expected the name of an interface, 2 to 15 of a-z, 0-9 and \"-\", found {bridge:?}"
        );
        return Err(Mistake::new("network.bridge", message));
    }
    Ok(NetworkSettings { bridge: bridge.clone() })
}
