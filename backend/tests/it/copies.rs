//! Sessions that are copies of a prepared snapshot: what storage can clone is not copied.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, lxd, storage::SmallPool, turn};

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_snapshot_share_what_was_prepared_in_it() {
    // Of its 300 MiB the image and what is prepared take most: not one copy that is a copy would find room.
    let pool = SmallPool::new("copies").await;
    let golden = format!("golden-{}", domain::SessionId::random());
    let state = async |action: &str| {
        let body = json!({"action": action, "force": true});
        lxd::ask(Method::PUT, &format!("/instances/{golden}/state"), Some(body)).await;
    };
    let made = turn().await;
    let image = json!({"type": "image", "alias": "tryit-shell"});
    let body = json!({"name": golden, "source": image, "profiles": [pool.name]});
    lxd::ask(Method::POST, "/instances", Some(body)).await;
    drop(made);
    state("start").await;
    let prepare = "dd if=/dev/urandom of=/root/data bs=1M count=150 && sha256sum < /root/data > /root/sum && sync";
    lxd::run(&golden, &["sh", "-c", prepare]).await;
    state("stop").await;
    let snapshots = format!("/instances/{golden}/snapshots");
    lxd::ask(Method::POST, &snapshots, Some(json!({"name": "prepared"}))).await;

    let source = format!(
        "[source.shell]\nsnapshot = \"{golden}/prepared\"\nprofiles = [{:?}]\nlimits = {{ disk = \"none\" }}\n",
        pool.name
    );
    let app = TestApp::start(&source).await;
    let mut visitors = Vec::new();
    for number in 0..3 {
        let visitor = app.running_visitor().await;
        let mut terminal = visitor.terminal().await.greeted().await;
        let check = "sha256sum < /root/data | diff - /root/sum && wc -c < /root/data";
        assert_eq!(terminal.run(check).await, (150 << 20).to_string());
        let own = format!("echo {number} >> /root/sum; tail -n +2 /root/sum");
        assert_eq!(terminal.run(&own).await, number.to_string(), "and nothing of the others");
        visitors.push(visitor);
    }
    for visitor in visitors {
        visitor.leave().await;
    }
    lxd::remove(&golden).await;
    pool.remove().await;
}
