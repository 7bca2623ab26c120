//! Requests a second, by `wrk`.

use std::net::SocketAddr;

use tokio::process::Command;

use crate::Outcome;

/// Connections at once.
pub const CONNECTIONS: u32 = 50;

/// How many answers a second `path` gives to [`CONNECTIONS`] clients that ask again at once.
pub async fn requests_per_second(address: SocketAddr, path: &str, seconds: u32) -> Outcome<f64> {
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", &CONNECTIONS.to_string()])
        .args(["--duration", &seconds.to_string(), &format!("http://{address}{path}")])
        .output()
        .await
        .map_err(|error| format!("wrk: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if let Some(line) =
        text.lines().find(|line| line.contains("Non-2xx") || line.contains("Socket errors"))
    {
        return Err(format!("{path}: {}", line.trim()).into());
    }
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(rate.ok_or_else(|| format!("wrk said: {text}"))?.trim().parse()?)
}
