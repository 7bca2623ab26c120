//! Ctrl-C after a flood of input. What the kernel has taken before is ahead of it: a terminal whose program reads nothing
//! takes some KiB, and what is queued behind that reaches nobody, Ctrl-C included, until the program ends. That is the
//! terminal's own matter; the browser that sends it keeps its socket, and the session its other terminals.

use std::time::Duration;

use serde_json::json;

use crate::support::{Message, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_on_a_new_socket_after_a_flood_closes_nothing() {
    let app = TestApp::start("").await;
    let visitor = app.running_visitor().await;
    for terminal in 1..=3 {
        let open =
            async || visitor.socket(&format!("{terminal}?cols=80&rows=24")).await.greeted().await;
        let mut socket = open().await;
        assert_eq!(socket.run("echo here").await, "here");
        // A program that reads nothing.
        socket.type_in("sleep 1000\n").await;
        for _ in 0..16 {
            socket.type_bytes(vec![b'x'; 60 * 1024]).await;
        }
        assert_eq!(socket.closed().await, 4413, "more input than can wait");

        let mut socket = open().await;
        let epoch = socket.hello["epoch"].clone();
        for _ in 0..3 {
            socket.say(json!({"interrupt": {}})).await;
            socket.type_in("echo again\n").await;
            // Whatever comes meanwhile, it is no close.
            while let Some(message) = socket.next_within(Duration::from_secs(1)).await {
                assert!(!matches!(message, Message::Close(_)), "{message:?}");
            }
        }
        drop(socket);
        assert_eq!(open().await.hello["epoch"], epoch, "the command goes on");
    }
    let mut other = visitor.socket("4?cols=80&rows=24").await.greeted().await;
    assert_eq!(other.run("echo there").await, "there");
    visitor.leave().await;
}
