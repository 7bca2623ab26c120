//! `[source.NAME.limits]`: what a container may use, in the words that LXD understands, so that a slip of the pen is
//! noticed here and not by the first visitor.

use provider::Limits;
use serde::Deserialize;

use super::{error::Mistake, values::Text};

/// What a container may use. `"none"` lifts a limit.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsTable {
    /// Cores: a count, or a set like `"0-3"`.
    pub cpu: Text,
    /// Memory; swap is off.
    pub memory: Text,
    /// Processes.
    pub processes: Text,
    /// The root disk's size; holds on pools that know quotas.
    pub disk: Text,
    /// The root disk's speed, like `"20MB"` (a second) or `"500iops"`.
    pub disk_rate: Text,
    /// The network's speed, like `"10Mbit"`.
    pub network_rate: Text,
}

const NONE: &str = "none";
/// LXD's units of bytes.
const BYTES: &[&str] = &["kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"];
/// LXD's units of bits a second.
const BITS: &[&str] = &["kbit", "Mbit", "Gbit", "Kibit", "Mibit", "Gibit"];

impl Default for LimitsTable {
    fn default() -> Self {
        let text = |text: &str| Text(text.to_owned());
        Self {
            cpu: text("1"),
            memory: text("512MiB"),
            processes: text("500"),
            disk: text("4GiB"),
            disk_rate: text(NONE),
            network_rate: text(NONE),
        }
    }
}

impl LimitsTable {
    pub(super) fn into_limits(self) -> Result<Limits, Mistake> {
        let count = |text: &str| text.parse::<u32>().is_ok_and(|count| count > 0);
        let size = |text: &str| has_unit(text, BYTES);
        // A part of the machine's.
        let memory = |text: &str| size(text) || has_unit(text, &["%"]);
        let rate = |text: &str| has_unit(text, BYTES) || has_unit(text, &["iops"]);
        Ok(Limits {
            cpu: limit(self.cpu, "cpu", "a count of cores, a set like \"0-3\"", |text| {
                count(text) || is_set(text)
            })?,
            memory: limit(self.memory, "memory", "a size like \"512MiB\"", memory)?,
            processes: limit(self.processes, "processes", "a count", count)?
                .and_then(|count| count.parse().ok()),
            disk: limit(self.disk, "disk", "a size like \"4GiB\"", size)?,
            disk_rate: limit(
                self.disk_rate,
                "disk_rate",
                "a speed like \"20MB\" (a second), \"500iops\"",
                rate,
            )?,
            network_rate: limit(
                self.network_rate,
                "network_rate",
                "a speed like \"10Mbit\"",
                |text| has_unit(text, BITS),
            )?,
        })
    }
}

/// The limit, none where it is lifted.
fn limit(
    Text(text): Text,
    key: &str,
    expected: &str,
    is_right: impl FnOnce(&str) -> bool,
) -> Result<Option<String>, Mistake> {
    match text.as_str() {
        NONE => Ok(None),
        right if is_right(right) => Ok(Some(text)),
        wrong => Err(Mistake::new(
            format!("limits.{key}"),
            format!("expected {expected} or \"none\", found {wrong:?}"),
        )),
    }
}

/// A whole number above 0 and one of the units.
fn has_unit(text: &str, units: &[&str]) -> bool {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    number.parse::<u64>().is_ok_and(|number| number > 0) && units.contains(&unit)
}

/// Cores by number: `0-3,6`. LXD takes `2-2` for the one core that a bare 2 can't name.
fn is_set(text: &str) -> bool {
    text.contains(['-', ','])
        && text.split(',').all(|part| match part.split_once('-') {
            Some((first, last)) => {
                let number = |text: &str| text.parse::<u32>().ok();
                number(first).zip(number(last)).is_some_and(|(first, last)| first <= last)
            }
            None => part.parse::<u32>().is_ok(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Limits, String> {
        let table: LimitsTable = toml::from_str(toml).map_err(|error| error.to_string())?;
        table.into_limits().map_err(|mistake| format!("{}: {}", mistake.key, mistake.message))
    }

    #[test]
    fn what_lxd_understands_is_taken() {
        for right in [
            "cpu = 2",
            "cpu = '0-3,6'",
            "cpu = 'none'",
            "memory = '128MiB'",
            "memory = '1GB'",
            "processes = 100",
            "disk = 'none'",
            "disk_rate = '20MB'",
            "disk_rate = '500iops'",
            "network_rate = '10Mbit'",
        ] {
            assert!(read(right).is_ok(), "{right}: {:?}", read(right));
        }
        assert_eq!(read("processes = 'none'").unwrap().processes, None);
        assert_eq!(read("").unwrap().cpu.as_deref(), Some("1"));
    }

    #[test]
    fn what_it_does_not_is_refused_with_its_key() {
        for (wrong, key) in [
            ("cpu = 'lots'", "limits.cpu"),
            ("cpu = 0", "limits.cpu"),
            ("cpu = '3-1'", "limits.cpu"),
            ("memory = '5XB'", "limits.memory"),
            ("memory = ''", "limits.memory"),
            ("processes = 0", "limits.processes"),
            ("disk = 5", "limits.disk"),
            ("disk_rate = 'fast'", "limits.disk_rate"),
            ("disk_rate = '20'", "limits.disk_rate"),
            ("network_rate = '10MB'", "limits.network_rate"),
        ] {
            let said = read(wrong).unwrap_err();
            assert!(said.contains(key) && said.contains("found"), "{wrong}: {said}");
        }
    }
}
