//! What a container uses, from the state of its instance.

use std::{collections::BTreeMap, time::Duration};

use domain::InstanceRef;
use serde::Deserialize;

use super::{api::Api, fault, wire::or_default};
use crate::{Result, Usage};

/// What a running container uses; none where it is absent or stopped.
pub(super) async fn ask(api: &Api, instance: &InstanceRef) -> Result<Option<Usage>> {
    let state = api.get::<State>(api.instance(instance, ["state"])).await;
    Ok(fault::unless_absent(state)?.and_then(|state| state.usage()))
}

/// `GET /1.0/instances/NAME/state`. What the server cannot measure is -1 or absent.
#[derive(Deserialize)]
struct State {
    #[serde(default)]
    status: String,
    #[serde(default, deserialize_with = "or_default")]
    cpu: Counter,
    #[serde(default, deserialize_with = "or_default")]
    memory: Counter,
    #[serde(default)]
    processes: i64,
    #[serde(default, deserialize_with = "or_default")]
    network: BTreeMap<String, Interface>,
}

#[derive(Default, Deserialize)]
struct Counter {
    /// Nanoseconds, or bytes.
    #[serde(default)]
    usage: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interface {
    #[serde(rename = "type")]
    kind: String,
    counters: Counters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Counters {
    bytes_received: i64,
    bytes_sent: i64,
}

impl State {
    fn usage(&self) -> Option<Usage> {
        if self.status != "Running" {
            return None;
        }
        let network = || self.network.values().filter(|interface| interface.kind != "loopback");
        Some(Usage {
            cpu: Duration::from_nanos(count(self.cpu.usage)),
            memory: count(self.memory.usage),
            processes: count(self.processes),
            received: network().map(|interface| count(interface.counters.bytes_received)).sum(),
            sent: network().map(|interface| count(interface.counters.bytes_sent)).sum(),
        })
    }
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usage(state: serde_json::Value) -> Option<Usage> {
        serde_json::from_value::<State>(state).unwrap().usage()
    }

    #[test]
    fn a_running_container_is_measured_without_its_loopback() {
        let interface = |kind: &str, bytes: u64| json!({"type": kind, "counters": {"bytes_received": bytes, "bytes_sent": bytes + 1}});
        let state = json!({
            "status": "Running",
            "cpu": {"usage": 1_500_000_000_u64},
            "memory": {"usage": 4096, "usage_peak": 0},
            "processes": 7,
            "network": {"lo": interface("loopback", 9000), "eth0": interface("broadcast", 10), "eth1": interface("broadcast", 20)},
        });
        let expected = Usage {
            cpu: Duration::from_millis(1500),
            memory: 4096,
            processes: 7,
            received: 30,
            sent: 32,
        };
        assert_eq!(usage(state), Some(expected));
    }

    #[test]
    fn what_is_stopped_or_cannot_be_measured_is_no_error() {
        assert_eq!(usage(json!({"status": "Stopped", "processes": -1, "network": null})), None);
        let unknown = usage(
            json!({"status": "Running", "processes": -1, "cpu": {"usage": -1}, "network": null}),
        );
        assert_eq!(unknown.map(|usage| (usage.processes, usage.cpu)), Some((0, Duration::ZERO)));
    }
}
