//! A bare relay of bytes between TCP and LXD's socket, in a process of its own as a service would be: what any service
//! in front of LXD costs at the least.

use std::{net::SocketAddr, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader, copy_bidirectional},
    net::{TcpListener, UnixStream},
    process::{Child, Command},
};

use crate::Outcome;

/// A running relay; ends with this value.
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    _process: Child,
}

impl Relay {
    /// Starts one.
    pub async fn start(to: &Path) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("relay")
            .arg(to)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = process.stdout.take().ok_or("no pipe")?;
        let line = BufReader::new(said).lines().next_line().await?;
        let address = line.ok_or("the relay did not start")?.parse()?;
        Ok(Self { address, _process: process })
    }
}

/// The process of a relay: says where it listens, and relays until it is killed.
pub async fn serve(to: &Path) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (mut tcp, _) = listener.accept().await?;
        tcp.set_nodelay(true)?;
        let to = to.to_owned();
        tokio::spawn(async move {
            let mut unix = UnixStream::connect(to).await?;
            copy_bidirectional(&mut tcp, &mut unix).await
        });
    }
}
