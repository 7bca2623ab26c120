//! What a hostile visitor does to a neighbour who types, and to the service: nothing that lasts.
//!
//! Each attack of `hostile.toml` is made from a session of its own, as root, in a container that may run containers, on
//! a server as `tryit setup` prepares it. Figures are the business of `make bench`.

mod neighbour;

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::{
    attempts::{
        TURN,
        ground::{Bridge, Ground},
        tutorials, visitor_of,
    },
    support::{Message, PATIENCE, Socket, TestApp, Visitor, until},
};
use neighbour::Neighbour;

const ATTACKS: &str = include_str!("../../hostile.toml");
const DOCUMENTATION: &str = include_str!("../../../../docs/security.md");
/// How long each of them goes on while the neighbour types.
const LASTS: Duration = Duration::from_secs(2);
/// What the private daemon may keep more of its containers than before, in all.
const LOGS: u64 = 16 * 1024 * 1024;

/// See `hostile.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    does: String,
    script: String,
    sees: Option<String>,
    ends: Option<String>,
}

#[derive(Deserialize)]
struct Attacks {
    attack: Vec<Attack>,
}

#[test]
fn each_attack_stands_in_the_documentation() {
    let Attacks { attack: attacks } = toml::from_str(ATTACKS).expect("attacks");
    for Attack { does, .. } in attacks {
        assert!(DOCUMENTATION.contains(&format!("| {does} |")), "docs/security.md lacks: {does}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_goes_on_typing_whatever_a_visitor_does() {
    let _turn = TURN.lock().await;
    let Attacks { attack: attacks } = toml::from_str(ATTACKS).expect("attacks");
    Ground::with(Bridge::Shut, async |ground| {
        let app = service(ground).await;
        let (victim, terminal) = visitor_of(&app, "shell").await;
        let mut neighbour = Neighbour::at(terminal).await;
        for attack in &attacks {
            let began = Instant::now();
            attack.made(&app, &mut neighbour).await;
            println!("{}: {:.1} s in all", attack.does, began.elapsed().as_secs_f64());
        }
        drop(neighbour);
        victim.end().await;
        app.stop().await.1.expect("a service that stops");
    })
    .await;
}

impl Attack {
    async fn made(&self, app: &TestApp, neighbour: &mut Neighbour) {
        let logs = logs();
        let (offender, mut terminal) = visitor_of(app, "lxd").await;
        terminal.type_in(&format!("{}\n", self.script)).await;
        let seen = tokio::spawn(watched(terminal, self.sees.clone()));
        let until = Instant::now() + LASTS;
        while Instant::now() < until {
            neighbour.types().await;
            let asked = Instant::now();
            let (status, _) = app.ask(app.request(Method::GET, "/status")).await;
            assert_eq!(status, 200, "{}: /status after {:?}", self.does, asked.elapsed());
        }
        if let Some(sees) = &self.sees {
            match tokio::time::timeout(PATIENCE, seen).await {
                Ok(seen) => seen.expect("a terminal that is read"),
                Err(_) => panic!("{}: the offender never saw {sees:?}", self.does),
            }
        } else {
            seen.abort();
        }
        let more = self::logs().saturating_sub(logs);
        assert!(more < LOGS, "{}: LXD's logs grew by {more} bytes", self.does);
        if let Some(reason) = &self.ends {
            let view = offender.wait_for("ended").await;
            assert_eq!(view["ended_reason"], reason.as_str(), "{}", self.does);
        } else {
            offender.end().await;
        }
        gone(app, &offender).await;
    }
}

/// Reads what the offender sees, until it is what is waited for.
async fn watched(mut terminal: Socket, sees: Option<String>) {
    let mut tail = String::new();
    loop {
        if sees.as_ref().is_some_and(|text| tail.contains(text)) {
            return;
        }
        match terminal.next().await {
            Message::Bytes => {
                tail.push_str(&String::from_utf8_lossy(&terminal.output));
                terminal.output.clear();
                // Long enough for what is waited for to stand in it whole.
                let cut = tail.len().saturating_sub(4096);
                tail = tail.split_off((cut..).find(|at| tail.is_char_boundary(*at)).unwrap_or(0));
            }
            Message::Text(_) => {}
            Message::Close(_) if sees.is_none() => return,
            Message::Close(code) => panic!("closed {code}, having shown {tail:?}"),
        }
    }
}

async fn service(ground: &Ground) -> TestApp {
    let directory = TempDir::new().expect("a directory");
    tutorials(directory.path());
    let sources = "[source.shell]\nimage = \"tryit-shell\"\nimage_ids = [\"shell\"]\n\
                   [source.lxd]\nimage = \"tryit-lxd\"\nimage_ids = [\"lxd\"]\nnesting = true\nready = [\"lxd-ready\"]\n\
                   limits = { cpu = 1, disk = \"1GiB\", memory = \"512MiB\", processes = 500 }\n";
    TestApp::start_in(Arc::new(directory), &format!("{}{sources}", ground.table())).await
}

/// Waits until nothing is left of a session that has ended: whatever was done in it, its container can be deleted.
async fn gone(app: &TestApp, offender: &Visitor<'_>) {
    offender.wait_for("ended").await;
    until("only the neighbour is there", || async {
        let (_, status) = app.ask(app.request(Method::GET, "/status")).await;
        (status["sessions"]["active"] == 1).then_some(())
    })
    .await;
    // The host's timers of what was flooded.
    sleep(Duration::from_millis(200)).await;
}

/// Bytes of the private daemon's logs.
fn logs() -> u64 {
    fn size(path: &std::path::Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(path) else { return 0 };
        let sizes = entries.flatten().map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        });
        sizes.sum()
    }
    let socket = crate::support::lxd::socket();
    let logs = std::path::Path::new(&socket).with_file_name("logs");
    assert!(logs.is_dir(), "{logs:?} is where the daemon keeps its logs");
    size(&logs)
}
