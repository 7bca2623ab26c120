//! `tryit.v1` on real shells. The core's property tests stand beside it; here is what only the whole path can show.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Message, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn the_size_is_the_writers() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut first = visitor.socket("1?cols=100&rows=30").await.greeted().await;
    first.sized("30 100").await;
    first.say(json!({"resize": {"cols": 120, "rows": 40}})).await;
    first.sized("40 120").await;
    let mut second = visitor.socket("1?cols=90&rows=20").await.greeted().await;
    assert_eq!(second.hello["writer"], true);
    assert_eq!(first.text("writer").await, false);
    assert_eq!(first.text("size").await, json!({"cols": 90, "rows": 20}));
    second.sized("20 90").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_drops_in_the_middle_of_output_loses_and_doubles_nothing() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut socket = visitor.terminal().await.greeted().await;
    socket.output.clear();
    let before = socket.received;
    socket.type_in("seq 1 30000; echo d''one\n").await;
    let mut all = Vec::new();
    let mut cuts = 0;
    loop {
        match socket.next().await {
            Message::Bytes if cuts < 5 && socket.output.len() > 20_000 * (cuts + 1) / 2 => {
                cuts += 1;
                let query = format!(
                    "1?cols=80&rows=24&since={}&epoch={}",
                    socket.received,
                    socket.hello["epoch"].as_str().unwrap()
                );
                all.append(&mut socket.output);
                drop(socket);
                socket = visitor.socket(&query).await.greeted().await;
                assert_eq!(socket.hello["truncated"], false);
                assert_eq!(socket.hello["from"].as_u64().unwrap() - before, all.len() as u64);
            }
            Message::Close(code) => panic!("closed {code}"),
            _ => {}
        }
        // The last cut may have been anywhere: in this line, or behind it in a large message that has the prompt too.
        let so_far = [&all[all.len().saturating_sub(1024)..], &socket.output].concat();
        if String::from_utf8_lossy(&so_far).contains("\r\ndone\r\n") {
            break;
        }
    }
    all.append(&mut socket.output);
    assert!(cuts > 0);
    let text = String::from_utf8_lossy(&all).into_owned();
    let numbers: Vec<u32> = text.split(['\r', '\n']).filter_map(|line| line.parse().ok()).collect();
    assert!(numbers.iter().copied().eq(1..=30_000), "{} numbers", numbers.len());
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_does_not_acknowledge_gets_one_window_and_then_the_rest() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut socket = visitor.terminal().await.greeted().await;
    socket.acknowledges = false;
    let window = socket.hello["window"].as_u64().unwrap();
    let from = socket.received;
    socket.type_in("head -c 2000000 /dev/zero | tr '\\0' x; echo d''one\n").await;
    while socket.next_within(Duration::from_secs(2)).await.is_some() {}
    assert!(socket.received - from <= window, "{} of {window}", socket.received - from);
    assert!(socket.received - from > window / 2);
    socket.acknowledges = true;
    socket.say(json!({"ack": socket.received})).await;
    socket.expect("done").await;
    let zeros = socket.output.iter().filter(|byte| **byte == b'x').count();
    assert!(zeros >= 2_000_000, "{zeros}");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_ends_is_started_again_in_the_same_container() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut socket = visitor.terminal().await.greeted().await;
    socket.run("echo here > /root/file").await;
    let epoch = socket.hello["epoch"].clone();
    socket.type_in("sleep 0.3; exit 7\n").await;
    assert_eq!(socket.text("exit").await, json!({"code": 7}));
    assert_eq!(socket.closed().await, 4000);
    let said = String::from_utf8_lossy(&socket.output).into_owned();
    assert!(said.contains("exit 7"), "all output comes before the exit: {said:?}");
    assert_eq!(
        visitor.view().await["terminals"],
        json!([{"n": 1, "state": "exited", "exit_code": 7}])
    );
    let mut again = visitor.terminal().await.greeted().await;
    assert_eq!(again.hello["epoch"], epoch);
    again.expect("exit 7").await;
    assert_eq!(again.closed().await, 4000, "the last screen, and the same end");
    let mut fresh = visitor.socket("1?cols=80&rows=24&new=1").await.greeted().await;
    assert_ne!(fresh.hello["epoch"], epoch);
    assert_eq!(fresh.run("cat /root/file").await, "here");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_stops_what_runs_and_drops_what_waits() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut socket = visitor.terminal().await.greeted().await;
    socket.type_in("sleep 600\n").await;
    socket.expect("sleep 600").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    socket.say(json!({"interrupt": {}})).await;
    assert_eq!(socket.run("echo free").await, "free");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn up_to_four_browsers_see_the_same_and_a_fifth_takes_the_place_of_the_oldest() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(visitor.terminal().await.greeted().await);
    }
    sockets[3].type_in("echo a''ll\n").await;
    join_all(sockets.iter_mut().map(|socket| socket.expect("all\r\n"))).await;
    let mut fifth = visitor.terminal().await.greeted().await;
    let mut oldest = sockets.remove(0);
    oldest.text("taken_over").await;
    assert_eq!(oldest.closed().await, 4001);
    assert_eq!(fifth.run("echo here").await, "here");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_eight_sockets_and_four_terminals() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut sockets = Vec::new();
    for n in [1, 1, 1, 1, 2, 2, 3, 4] {
        sockets.push(visitor.socket(&format!("{n}?cols=80&rows=24")).await.greeted().await);
    }
    assert_eq!(visitor.socket("2?cols=80&rows=24").await.closed().await, 4429);
    let mut fifth = visitor.socket("1?cols=80&rows=24").await.greeted().await;
    assert_eq!(sockets[0].closed().await, 4001);
    assert_eq!(fifth.run("echo in").await, "in");
    assert_eq!(visitor.socket("5?cols=80&rows=24").await.closed().await, 4404);
    assert_eq!(visitor.view().await["terminals"].as_array().map(Vec::len), Some(4));
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_breaks_the_protocol_is_closed_with_its_code() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    for frame in [
        "nonsense",
        "{\"ack\": 1000000000}",
        "{\"ack\": -1}",
        "{\"resize\": {\"cols\": 0, \"rows\": 24}}",
    ] {
        let mut socket = visitor.terminal().await.greeted().await;
        socket.say_raw(frame).await;
        assert_eq!(socket.closed().await, 4400, "{frame}");
    }
    let mut socket = visitor.terminal().await.greeted().await;
    socket.say_raw(&format!("{{\"x\": \"{}\"}}", "y".repeat(5000))).await;
    assert_eq!(socket.closed().await, 4400);
    let mut socket = visitor.terminal().await.greeted().await;
    for _ in 0..300 {
        socket.say(json!({"unknown": 1})).await;
    }
    assert_eq!(socket.closed().await, 4400);
    for query in ["1", "1?cols=0&rows=24", "1?cols=80&rows=many"] {
        assert_eq!(visitor.socket(query).await.closed().await, 4400, "{query}");
    }
    let wrong =
        crate::support::Visitor { app: &app, id: visitor.id.clone(), token: "x".repeat(43) };
    assert_eq!(wrong.terminal().await.closed().await, 4401);
    let mut socket = visitor.terminal().await.greeted().await;
    assert_eq!(socket.run("echo fine").await, "fine", "and the terminal goes on");
    visitor.end().await;
    assert_eq!(visitor.terminal().await.closed().await, 4410);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_survive_split_inside_a_character() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    let mut socket = visitor.terminal().await.greeted().await;
    let said = socket.run("for i in $(seq 2000); do printf 'äöü€🦦%s\\n' $i; done").await;
    let expected: Vec<_> = (1..=2000).map(|i| format!("äöü€🦦{i}")).collect();
    assert!(said.lines().eq(expected), "{} lines", said.lines().count());
    visitor.leave().await;
}
