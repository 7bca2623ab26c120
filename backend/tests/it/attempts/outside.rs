//! The world outside of the server: a network namespace with two hosts that listen.

use std::process::{Child, Command, Stdio};

/// The allowed host's addresses, another host's, and the server's own on that side.
pub const ALLOWED: [&str; 2] = ["198.51.100.2", "2001:db8:99::2"];
pub const OTHER: [&str; 2] = ["198.51.100.3", "2001:db8:99::3"];
pub const SERVER: [&str; 2] = ["198.51.100.1", "2001:db8:99::1"];
/// The port that is allowed, and one that isn't.
pub const PORT: u16 = 8080;
pub const OTHER_PORT: u16 = 8081;

const NAME: &str = "tryit-outside";

/// The namespace; gone with this value.
pub struct Outside(Vec<Child>);

impl Outside {
    /// Makes it.
    pub fn new() -> Self {
        // What a test that was killed left behind.
        let _ = Command::new("ip").args(["netns", "delete", NAME]).stderr(Stdio::null()).status();
        let mut outside = Self(Vec::new());
        ip(&format!("netns add {NAME}"));
        ip(&format!("link add tryit-out0 type veth peer name out1 netns {NAME}"));
        for address in SERVER {
            ip(&format!("address add {}", with_prefix(address, "tryit-out0")));
        }
        ip("link set tryit-out0 up");
        for address in ALLOWED.iter().chain(&OTHER) {
            ip(&format!("-n {NAME} address add {}", with_prefix(address, "out1")));
        }
        ip(&format!("-n {NAME} link set out1 up"));
        ip(&format!("-n {NAME} link set lo up"));
        for port in [PORT, OTHER_PORT] {
            outside.serve(&["busybox", "httpd", "-f", "-p", &format!("[::]:{port}"), "-h", "/bin"]);
        }
        // Answers any datagram with itself.
        outside.serve(&[
            "perl",
            "-MSocket=:DEFAULT,inet_pton",
            "-e",
            "socket(S,AF_INET6,SOCK_DGRAM,0); bind(S,pack_sockaddr_in6(53,inet_pton(AF_INET6,'::'))) or die; \
             while ($from=recv(S,$_,999,0)) { send(S,$_,0,$from) }",
        ]);
        outside
    }

    /// Whether a connection from out there is answered.
    pub async fn reaches(&self, subnet: &str, address: &str, port: u16) -> bool {
        let via = if address.contains(':') { SERVER[1] } else { SERVER[0] };
        ip(&format!("-n {NAME} route replace {subnet} via {via}"));
        let script = format!("exec 3<>/dev/tcp/{address}/{port}");
        let mut command = tokio::process::Command::new("ip");
        command.args(["netns", "exec", NAME, "timeout", "3", "bash", "-c", &script]);
        command.stderr(Stdio::null()).status().await.expect("ip").success()
    }

    fn serve(&mut self, command: &[&str]) {
        let child = Command::new("ip").args(["netns", "exec", NAME]).args(command).spawn();
        self.0.push(child.expect("a listener"));
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
        ip(&format!("netns delete {NAME}"));
    }
}

fn with_prefix(address: &str, device: &str) -> String {
    match address.contains(':') {
        true => format!("{address}/64 dev {device} nodad"),
        false => format!("{address}/24 dev {device}"),
    }
}

fn ip(words: &str) {
    let status = Command::new("ip").args(words.split_whitespace()).status().expect("ip");
    assert!(status.success(), "ip {words}");
}
