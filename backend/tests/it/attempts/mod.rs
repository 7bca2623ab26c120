//! What root in a container tries: each attempt is made from inside, on a network as `tryit setup` makes it, and once
//! more on a bridge as LXD makes it, which shows that the attempts are worth something.
//!
//! The table stands in `docs/security.md`, and is compared with it.

pub mod ground;
pub mod machine;
mod netfilter;
mod outside;
mod probes;
mod table;

use std::{net::TcpListener, path::Path, sync::Arc};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Socket, TestApp, Visitor, app::write};
use ground::{Bridge, Ground};
use machine::Machine;
use netfilter::BridgeNetfilter;
use outside::Outside;
use probes::Scene;
use table::{Outcome, Table};

const DOCUMENTATION: &str = include_str!("../../../../docs/security.md");

/// One test at a time: they share the outside, and a switch of the whole machine.
pub static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A service with the two kinds of source, a visitor in each, and the attempts of one against the other, once for each
/// of these settings of bridge netfilter that the machine has.
async fn attempts(ground: &Ground, settings: &[bool]) -> Vec<Table> {
    let outside = Outside::new();
    let server = TcpListener::bind("[::]:0").expect("a port");
    let port = server.local_addr().expect("an address").port();
    let directory = TempDir::new().expect("a directory");
    tutorials(directory.path());
    // One host, and everybody on the ports that neighbours and the server listen on: these must not count as everybody.
    let [one4, one6] = outside::ALLOWED;
    let allow = format!(
        "[network]\nbridge = {:?}\nallow = [{{ to = \"{one4}\", ports = [{}] }}, {{ to = \"{one6}\", ports = [{}] }}, \
         {{ to = \"0.0.0.0/0\", ports = [{port}, {}] }}, {{ to = \"::/0\", ports = [{port}, {}] }}]\n",
        ground.bridge,
        outside::PORT,
        outside::PORT,
        machine::PORT,
        machine::PORT,
    );
    let sources = "[source.shell]\nimage = \"tryit-shell\"\nimage_ids = [\"shell\"]\n\
                   [source.lxd]\nimage = \"tryit-lxd\"\nimage_ids = [\"lxd\"]\nnesting = true\nready = [\"lxd-ready\"]\n";
    let app =
        TestApp::start_in(Arc::new(directory), &format!("{}{allow}{sources}", ground.table()))
            .await;
    let victim = session(&app, ground, "shell", &ground.project).await;
    let attacker = session(&app, ground, "lxd", &ground.nested_project).await;
    for machine in [&victim.1, &attacker.1] {
        machine.listen().await;
    }
    let visitors = [victim.0, attacker.0];
    let terminals = [victim.2, attacker.2];
    let scene = Scene {
        ground,
        attacker: attacker.1,
        victim: victim.1,
        outside: &outside,
        server: &server,
    };
    let mut tables = Vec::new();
    for on in settings {
        // Where there is no switch, the attempts are made as it is.
        let switched = BridgeNetfilter::set(*on);
        tables.push(scene.try_all().await);
        if switched.is_none() {
            break;
        }
    }
    drop(terminals);
    for (visitor, machine) in visitors.iter().zip([&scene.victim, &scene.attacker]) {
        visitor.end().await;
        machine.gone().await;
    }
    app.stop().await.1.expect("a service that stops");
    tables
}

async fn session<'a>(
    app: &'a TestApp,
    ground: &Ground,
    tutorial: &str,
    project: &str,
) -> (Visitor<'a>, Machine, Socket) {
    // A session whose visitor does not come ends soon, hence the terminal.
    let (visitor, terminal) = visitor_of(app, tutorial).await;
    let machine = Machine::at(ground.lxd.clone(), project, &visitor.container().await).await;
    (visitor, machine, terminal)
}

/// Writes a tutorial for each of the two kinds of source, by their names.
pub fn tutorials(directory: &Path) {
    for name in ["shell", "lxd"] {
        let index = json!({"title": name, "details": {"intro": {"text": "a.md"}}, "backend": {"imageid": name}});
        write(directory.join("tutorials").join(name).join("index.json"), &index.to_string());
        write(directory.join("tutorials").join(name).join("a.md"), "Nothing.\n");
    }
}

/// A visitor whose session runs, and its first terminal.
pub async fn visitor_of<'a>(app: &'a TestApp, tutorial: &str) -> (Visitor<'a>, Socket) {
    let start = json!({"terms_hash": app.terms().await, "tutorial": tutorial});
    let (status, body) = app.try_start(start).await;
    assert_eq!(status, 201, "{body}");
    let visitor = Visitor::new(app, &body);
    visitor.wait_for("running").await;
    let terminal = visitor.terminal().await.greeted().await;
    (visitor, terminal)
}

/// What is meant gets through, and nothing else.
fn assert_shut(table: &Table) {
    println!("{table}");
    for (what, outcome) in table.outcomes() {
        let wanted = if what.ends_with("(meant)") { Outcome::Through } else { Outcome::Blocked };
        assert_eq!(outcome, wanted, "{what}");
    }
    for line in table.to_string().lines() {
        assert!(DOCUMENTATION.contains(line), "docs/security.md lacks: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_gets_from_one_session_to_another_to_the_server_or_out() {
    let _turn = TURN.lock().await;
    // LXD starts containers that have IPv6 filters only while it is on.
    Ground::with(Bridge::Shut, async |ground| {
        attempts(ground, &[true, false]).await.iter().for_each(assert_shut);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_bridge_as_lxd_makes_it_the_same_attempts_get_through() {
    let _turn = TURN.lock().await;
    // Another's address is the owner's as well here, and who gets the answer is a matter of luck; whether other names
    // are answered is one of the machine's own name server.
    const UNCERTAIN: [&str; 3] = [
        "allowed host, from the neighbour's IPv4 address",
        "allowed host, from the neighbour's IPv6 address",
        "the bridge's name server, for any other name",
    ];
    Ground::with(Bridge::Open, async |ground| {
        let table = attempts(ground, &[true]).await.remove(0);
        println!("{table}");
        for (what, outcome) in table.outcomes().filter(|(what, _)| !UNCERTAIN.contains(what)) {
            assert_eq!(outcome, Outcome::Through, "{what}");
        }
    })
    .await;
}
