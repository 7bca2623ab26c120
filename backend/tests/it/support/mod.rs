//! What the tests share: a service of their own, a visitor, a terminal, and LXD asked directly.

pub mod app;
pub mod daemon;
pub mod disk;
pub mod lxd;
pub mod operators;
pub mod pool;
mod program;
pub mod raw;
pub mod relay;
pub mod socket;
pub mod storage;
mod turns;
pub mod updates;
pub mod visitor;

use std::{future::Future, time::Duration};

pub use app::{TestApp, config};
pub use daemon::Daemon;
pub use operators::Operator;
pub use program::Program;
pub use socket::{Message, Socket};
pub use turns::turn;
pub use updates::Updates;
pub use visitor::Visitor;

/// How long anything that a test waits for may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// An HTTP client to be built; reqwest asks for a choice of cryptography even where none is used.
pub fn http() -> reqwest::ClientBuilder {
    // The second time it is chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

/// Waits until a condition holds; what it waits for shows only in the end, so it is asked often.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => answer,
        Err(_) => panic!("did not happen within {PATIENCE:?}: {what}"),
    }
}
