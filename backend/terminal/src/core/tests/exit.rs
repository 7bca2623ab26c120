//! The end of a run, and of an attachment.

use super::*;
use crate::Notice;

const CODE: Option<i32> = Some(3);

#[test]
fn an_exit_comes_after_all_output_and_closes() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.output([b'x'; 128]);
    bench.drain(id);
    bench.ack(id, 28);
    bench.output([b'y'; 28]);
    bench.core.exited(CODE, bench.now);
    let expected =
        [output([b'y'; 28]), ServerEvent::Exit { code: CODE }, close(CloseReason::Exited)];
    assert_eq!(bench.drain(id), expected);
    assert!(bench.core.is_deserted());
}

#[test]
fn a_browser_that_does_not_acknowledge_is_let_go_after_the_hold() {
    let mut bench = Bench::new();
    bench.output([b'\n'; 200]);
    let (id, _) = bench.greet(browser(80, 24));
    bench.later(3_600_000);
    bench.core.exited(CODE, bench.now);
    assert_eq!(bench.drain(id), [output([b'\n'; 128])]);
    bench.later(29_999);
    assert_eq!(bench.drain(id), []);
    assert_eq!(bench.core.deadline(bench.now), Some(bench.now + Duration::from_millis(1)));
    bench.later(1);
    assert_eq!(
        bench.drain(id),
        [close(CloseReason::Exited)],
        "not all was sent, so no exit is told"
    );
}

#[test]
fn an_exited_terminal_replays_its_last_screen_and_closes_again() {
    let mut bench = Bench::new();
    bench.output("bye\n");
    bench.core.exited(None, bench.now);
    for _ in 0..2 {
        let (id, hello) = bench.greet(browser(80, 24));
        assert_eq!((hello.from, hello.live), (0, 4));
        let expected =
            [output("bye\n"), ServerEvent::Exit { code: None }, close(CloseReason::Exited)];
        assert_eq!(bench.drain(id), expected);
    }
}

#[test]
fn a_command_that_the_container_cannot_run_says_so_to_all_and_to_who_comes_late() {
    let mut bench = Bench::new();
    let (early, _) = bench.greet(browser(80, 24));
    bench.core.exhausted();
    let (late, _) = bench.greet(browser(80, 24));
    for id in [early, late] {
        let mut said = bench.drain(id);
        said.retain(|event| !matches!(event, ServerEvent::Writer(_)));
        let expected = [ServerEvent::Notice(Notice::Exhausted), close(CloseReason::Exhausted)];
        assert_eq!(said, expected);
    }
    assert_eq!(bench.core.exit(), None, "it never ran, so it has not ended");
}

#[test]
fn input_after_the_exit_is_not_taken() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.type_(id, "a");
    bench.core.next_input();
    bench.core.input_accepted(bench.now);
    bench.core.exited(CODE, bench.now);
    bench.type_(id, "b");
    bench.send(id, BrowserCommand::Interrupt);
    assert!(!bench.core.has_input());
    let expected =
        [ServerEvent::Taken(1), ServerEvent::Exit { code: CODE }, close(CloseReason::Exited)];
    assert_eq!(bench.drain(id), expected, "what was taken is told before the end");
}

#[test]
fn a_lost_connection_is_no_exit() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.output("last words");
    bench.core.lost();
    assert_eq!(bench.core.exit(), None);
    assert_eq!(bench.drain(id), [output("last words"), close(CloseReason::Lost)]);
}

#[test]
fn a_lost_connection_does_not_wait_for_the_window() {
    let mut bench = Bench::new();
    bench.output([b'\n'; 200]);
    let (id, _) = bench.greet(browser(80, 24));
    bench.core.lost();
    assert_eq!(bench.drain(id), [output([b'\n'; 128]), close(CloseReason::Lost)]);
}

#[test]
fn a_close_says_why_and_lets_nobody_in() {
    let cases = [
        (CloseReason::SessionEnded, None),
        (CloseReason::Reset, Some(Notice::Reset)),
        (CloseReason::Restarting, Some(Notice::Restarting)),
    ];
    for (reason, notice) in cases {
        let mut bench = Bench::new();
        let (id, _) = bench.greet(browser(80, 24));
        bench.core.notify(Notice::LxdUnavailable);
        bench.core.close(reason);
        let mut expected = vec![ServerEvent::Notice(Notice::LxdUnavailable)];
        expected.extend(notice.map(ServerEvent::Notice));
        expected.push(close(reason));
        assert_eq!(bench.drain(id), expected);
        assert_eq!(bench.core.attach(browser(80, 24), bench.now), None);
    }
}
