//! The addresses of names.

use std::{io, net::IpAddr, time::Duration};

use async_trait::async_trait;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whoever knows the addresses of names.
#[async_trait]
pub trait Names: Send + Sync {
    /// The addresses that a name has now.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// This machine's resolver.
pub struct System;

#[async_trait]
impl Names for System {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let answer = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, 0))).await??;
        Ok(answer.map(|address| address.ip().to_canonical()).collect())
    }
}
