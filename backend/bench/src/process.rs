//! What the kernel knows of a process: its memory and its CPU time.

use std::fs;

use crate::Outcome;

/// The kernel's clock ticks a second, in what it tells programs: the same on every Linux.
const TICKS: f64 = 100.0;

/// The process's share of memory, in KiB.
pub fn pss(pid: u32) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).ok_or("no Pss")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// The CPU time of all its threads so far, in seconds.
pub fn cpu(pid: u32) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is a name in brackets, which may hold anything.
    let (_, rest) = text.rsplit_once(')').ok_or("no stat")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| -> Outcome<f64> { Ok(fields.get(at).ok_or("no CPU time")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}
