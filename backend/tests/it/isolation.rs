//! No session can be taken for another one or reach into it: each has identities and ids of its own.

use std::{collections::HashSet, ops::Range};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestApp, Visitor, lxd};

/// The source of sessions with containers inside.
const NESTED: &str =
    "[source.lxd]\nimage = \"tryit-lxd\"\nnesting = true\nready = [\"lxd-ready\"]\n";

#[tokio::test(flavor = "multi_thread")]
async fn two_sessions_have_identities_of_their_own() {
    let app = TestApp::start(NESTED).await;
    let visitors = [app.visitor().await, app.visitor().await];
    join_all(visitors.iter().map(|visitor| visitor.wait_for("running"))).await;
    let identities = join_all(visitors.iter().map(identity)).await;
    for (what, first, second) in
        identities[0].iter().zip(&identities[1]).map(|(a, b)| (&a.0, &a.1, &b.1))
    {
        assert!(first.len() >= 32, "{what}: {first:?}");
        assert_ne!(first, second, "{what}");
    }
    join_all(visitors.iter().map(Visitor::leave)).await;
}

/// Everything that a machine is known by, in the words of that machine.
async fn identity(visitor: &Visitor<'_>) -> Vec<(&'static str, String)> {
    let mut terminal = visitor.terminal().await.greeted().await;
    let mut identity = Vec::new();
    for (what, command) in [
        ("LXD's certificate", "lxc info | grep -o 'certificate_fingerprint: .*'"),
        ("LXD's key", "sha256sum < /var/lib/lxd/server.key"),
        ("machine-id", "cat /etc/machine-id"),
    ] {
        identity.push((what, terminal.run(command).await));
    }
    // The image has no SSH server; should it get one, its keys must not come out of the image.
    let keys = terminal.run("cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null").await;
    if !keys.is_empty() {
        identity.push(("SSH host keys", keys));
    }
    identity
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_that_start_at_once_share_no_ids() {
    const COUNT: usize = 8;
    let app = TestApp::start("").await;
    let body = json!({"terms_hash": app.terms().await});
    let started = join_all((0..COUNT).map(|_| app.try_start(body.clone()))).await;
    let visitors: Vec<_> = started.iter().map(|(_, body)| Visitor::new(&app, body)).collect();
    let views = join_all(visitors.iter().map(|visitor| visitor.wait_for("running"))).await;
    let names: HashSet<_> =
        views.iter().map(|view| view["name"].as_str().expect("a name")).collect();
    assert_eq!(names.len(), COUNT);
    let mut ranges = Vec::new();
    for name in names {
        ranges.extend(ids(&lxd::instance(name).await.expect("a container")));
    }
    ranges.sort_by_key(|range| range.start);
    assert_eq!(ranges.len(), COUNT);
    for pair in ranges.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{ranges:?}");
    }
    join_all(visitors.iter().map(Visitor::leave)).await;
}

/// The user ids on the host that a container's are.
fn ids(instance: &Value) -> Vec<Range<u64>> {
    let map = instance["config"]["volatile.idmap.next"].as_str().expect("a map");
    let map: Vec<Value> = serde_json::from_str(map).expect("JSON");
    let users = map.iter().filter(|entry| entry["Isuid"] == true);
    let number = |entry: &Value, key: &str| entry[key].as_u64().expect("a number");
    users
        .map(|entry| {
            let start = number(entry, "Hostid");
            start..start + number(entry, "Maprange")
        })
        .collect()
}
