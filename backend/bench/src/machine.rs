//! What the numbers were measured on.

use std::fmt;

use serde::Serialize;

use crate::{Outcome, lxd::Lxd};

/// The machine and its LXD.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    date: String,
    cores: usize,
    processor: String,
    memory_gib: u64,
    kernel: String,
    server: String,
    storage: String,
}

/// Looks.
pub async fn describe(lxd: &Lxd) -> Outcome<Machine> {
    let server = lxd.server().await?;
    let environment = |key: &str| server["environment"][key].as_str().unwrap_or("?").to_owned();
    let line = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned()).unwrap_or_default()
    };
    let memory: u64 =
        line("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    Ok(Machine {
        date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        cores: std::thread::available_parallelism()?.get(),
        processor: line("/proc/cpuinfo", "model name"),
        memory_gib: memory.div_ceil(1024 * 1024),
        kernel: environment("kernel_version"),
        server: format!("{} {}", environment("server"), environment("server_version")),
        storage: environment("storage"),
    })
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, cores, processor, memory_gib, kernel, server, storage } = self;
        write!(
            f,
            "{date}: {cores} cores ({processor}), {memory_gib} GiB, Linux {kernel}, {server} on {storage}"
        )
    }
}
