//! Whether bridged frames pass the rules of routed packets: many machines say no, and isolation must not need it.

use std::fs;

const SWITCHES: [&str; 2] = ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"];

/// A setting for the time of this value.
pub struct BridgeNetfilter(Vec<(String, String)>);

impl BridgeNetfilter {
    /// Switches it; none where this machine has no switch.
    pub fn set(on: bool) -> Option<Self> {
        let mut before = Vec::new();
        for switch in SWITCHES {
            let path = format!("/proc/sys/net/bridge/{switch}");
            before.push((path.clone(), fs::read_to_string(&path).ok()?));
            fs::write(&path, if on { "1" } else { "0" }).ok()?;
        }
        Some(Self(before))
    }
}

impl Drop for BridgeNetfilter {
    fn drop(&mut self) {
        for (path, before) in &self.0 {
            let _ = fs::write(path, before);
        }
    }
}
