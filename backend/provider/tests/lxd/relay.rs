//! A socket in front of the server's that can be cut, as when the server goes away.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    task::JoinSet,
};

/// A relay; dropping it cuts all connections.
pub struct Relay {
    pub socket: PathBuf,
    _tasks: JoinSet<()>,
}

impl Relay {
    pub fn to(server: &Path) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The temporary directory of the tests may be too deep for a socket's path.
        let socket =
            std::env::temp_dir().join(format!("tryit-relay-{}-{number}", std::process::id()));
        let listener = UnixListener::bind(&socket).unwrap();
        let server = server.to_owned();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut from, _)) = listener.accept().await {
                let server = server.clone();
                connections.spawn(async move {
                    let mut to = UnixStream::connect(server).await.unwrap();
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                });
            }
        });
        Self { socket, _tasks: tasks }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}
