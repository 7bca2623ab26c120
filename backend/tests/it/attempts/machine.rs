//! A session's container, from inside.

use std::{collections::BTreeMap, fmt::Write, sync::Arc, time::Duration};

use domain::InstanceRef;
use provider::{Provider, RunSpec, lxd::Lxd};

use crate::support::until;

/// Root's hands in a container.
pub struct Machine {
    lxd: Arc<Lxd>,
    instance: InstanceRef,
    pub ipv4: String,
    pub ipv6: String,
    /// Its address on the link, with the interface.
    pub link: String,
}

/// The port that each container listens on.
pub const PORT: u16 = 7000;

impl Machine {
    /// The container once it has its addresses.
    pub async fn at(lxd: Arc<Lxd>, project: &str, name: &str) -> Self {
        let instance = InstanceRef {
            project: project.parse().expect("a name"),
            name: name.parse().expect("a name"),
        };
        let empty = String::new;
        let mut machine = Self { lxd, instance, ipv4: empty(), ipv6: empty(), link: empty() };
        let addresses = until("the container has its addresses", || async {
            let said = machine.run("ip addr show dev eth0").await;
            let words: Vec<_> = said.split_whitespace().collect();
            let after = |word: &'static str| {
                words
                    .windows(2)
                    .filter(move |two| two[0] == word)
                    .map(|two| two[1].split('/').next().unwrap_or_default().to_owned())
            };
            let ipv6: Vec<_> = after("inet6").collect();
            let global = ipv6.iter().find(|address| address.starts_with("fd"))?.clone();
            let link = ipv6.iter().find(|address| address.starts_with("fe80"))?.clone();
            let ready = !said.contains("tentative");
            ready.then_some((after("inet").next()?, global, link))
        });
        let (ipv4, ipv6, link) = addresses.await;
        (machine.ipv4, machine.ipv6, machine.link) = (ipv4, ipv6, format!("{link}%eth0"));
        machine
    }

    /// Runs a script; what it printed.
    pub async fn run(&self, script: &str) -> String {
        let spec = RunSpec {
            command: vec!["bash".to_owned(), "-c".to_owned(), script.to_owned()],
            environment: BTreeMap::new(),
            cwd: None,
            user: None,
            group: None,
            deadline: Duration::from_secs(60),
            max_output: 64 * 1024,
        };
        let output = self.lxd.run(&self.instance, &spec).await.expect("a script that ends");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Listens for connections on [`PORT`], over both families.
    pub async fn listen(&self) {
        let perl = format!(
            "use Socket qw(:DEFAULT inet_pton); socket(S,AF_INET6,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1); \
             bind(S,pack_sockaddr_in6({PORT},inet_pton(AF_INET6,\"::\"))) or die; listen(S,9); \
             while (accept(C,S)) {{ close C }}"
        );
        let script = format!(
            "if command -v perl >/dev/null; then setsid perl -e '{perl}' </dev/null >/dev/null 2>&1 & \
             else httpd -p {PORT} -h /root; fi"
        );
        self.run(&script).await;
    }

    /// Which of these addresses and ports answer a connection, all tried at once.
    pub async fn reaches(&self, destinations: &[(&str, u16)]) -> Vec<bool> {
        let mut script = String::new();
        for (number, (address, port)) in destinations.iter().enumerate() {
            let _ = write!(
                script,
                "(timeout 3 bash -c 'exec 3<>/dev/tcp/{address}/{port}' 2>/dev/null && echo {number}) & "
            );
        }
        let said = self.run(&format!("{script} wait")).await;
        let open: Vec<usize> = said.lines().filter_map(|line| line.parse().ok()).collect();
        (0..destinations.len()).map(|number| open.contains(&number)).collect()
    }

    /// Waits until it is gone.
    pub async fn gone(&self) {
        let look = || async {
            let found = self.lxd.get(&self.instance).await;
            found.is_ok_and(|found| found.is_none()).then_some(())
        };
        until("the container is gone", look).await;
    }

    /// Whether one answers.
    pub async fn reaches_one(&self, address: &str, port: u16) -> bool {
        self.reaches(&[(address, port)]).await[0]
    }
}
