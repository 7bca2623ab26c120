//! What a start is measured against.

/// Limits on starts. All counts; 0 means none may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartLimits {
    /// Places there are.
    pub max: u32,
    /// Live sessions per address (IPv4 /32, IPv6 /64).
    pub per_address: u32,
    /// Live sessions per network (IPv4 /24, IPv6 /48).
    pub per_network: u32,
    /// Starts per address within an hour.
    pub per_hour: u32,
    /// Visitors that may wait.
    pub queue_max: u32,
}
