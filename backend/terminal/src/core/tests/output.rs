//! Attaching, replay, the window and the pace.

use super::*;

fn line(number: u32) -> String {
    format!("{number:07}\n")
}

/// 50 lines of 8 bytes, of which the buffer keeps 32.
fn truncated() -> Bench {
    let mut bench = Bench::new();
    (0..50).for_each(|number| assert!(bench.output(line(number)).is_empty()));
    bench
}

#[test]
fn hello_comes_before_every_byte() {
    let mut bench = Bench::new();
    bench.output("$ ");
    let id = bench.attach_with(browser(100, 30));
    let hello = Hello {
        epoch: EPOCH,
        from: 0,
        live: 2,
        truncated: false,
        writer: true,
        window: 128,
        size: size(100, 30),
    };
    assert_eq!(bench.drain(id), [ServerEvent::Hello(hello), output("$ ")]);
}

#[test]
fn since_within_the_buffer_is_resumed() {
    for (bytes, epoch) in [(144, Some(EPOCH)), (150, None), (400, Some(EPOCH))] {
        let (_, hello) = truncated().greet(since(bytes, epoch));
        assert_eq!((hello.from, hello.live, hello.truncated), (bytes, 400, false));
    }
}

#[test]
fn every_other_since_is_replayed_from_a_line() {
    let nothing = browser(80, 24);
    for how in [nothing, since(143, None), since(401, None), since(200, Some(Epoch(8)))] {
        let (_, hello) = truncated().greet(how);
        assert_eq!((hello.from, hello.live, hello.truncated), (152, 400, true), "{how:?}");
    }
}

#[test]
fn what_never_left_the_buffer_is_not_truncated() {
    let mut bench = Bench::new();
    bench.output("first line\nsecond");
    for how in [browser(80, 24), since(99, None), since(3, Some(Epoch(8)))] {
        let (_, hello) = bench.greet(how);
        assert_eq!((hello.from, hello.truncated), (0, false), "{how:?}");
    }
}

#[test]
fn at_most_the_window_is_sent_beyond_the_acknowledgement() {
    let mut bench = truncated();
    let (id, _) = bench.greet(since(200, None));
    let sent = |events: Vec<ServerEvent>| -> usize {
        let bytes = events.iter().map(|event| match event {
            ServerEvent::Output(bytes) => bytes.len(),
            other => panic!("{other:?}"),
        });
        bytes.sum()
    };
    assert_eq!(sent(bench.drain(id)), 128, "replay counts, and `from` stands as acknowledged");
    bench.ack(id, 210);
    assert_eq!(sent(bench.drain(id)), 10);
    bench.ack(id, 209);
    bench.ack(id, 0);
    assert_eq!(sent(bench.drain(id)), 0, "a lower one is ignored");
    bench.ack(id, 338);
    assert_eq!(sent(bench.drain(id)), 62);
}

#[test]
fn acknowledging_what_was_not_sent_breaks_the_protocol() {
    let mut bench = Bench::new();
    let id = bench.attach();
    bench.output("four");
    bench.next(id);
    bench.ack(id, 1);
    assert_eq!(bench.drain(id), [close(CloseReason::ProtocolError)]);
    assert!(!bench.send(id, BrowserCommand::Ack(0)));
}

#[test]
fn the_program_is_held_back_by_a_browser_without_room() {
    let mut bench = Bench::new();
    let id = bench.attach();
    assert_eq!(bench.output([b'x'; 200]).len(), 72);
    bench.drain(id);
    assert_eq!(bench.output("more").len(), 4);
    bench.ack(id, 10);
    assert_eq!(bench.output([b'y'; 72]).len(), 62);
}

#[test]
fn silence_ends_the_hold_and_only_an_advance_ends_the_silence() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.output([b'x'; 128]);
    bench.drain(id);
    bench.later(10_000);
    bench.ack(id, 0);
    bench.type_(id, "still here");
    assert_eq!(
        bench.core.deadline(bench.now + Duration::from_secs(1)),
        Some(bench.now + Duration::from_secs(20))
    );
    bench.later(19_999);
    assert_eq!(bench.core.room(bench.now), 0);
    bench.later(1);
    assert_eq!(bench.output([b'y'; 500]).len(), 0);
    bench.ack(id, 0);
    assert_eq!(bench.output([b'y'; 500]).len(), 0);
    bench.ack(id, 1);
    assert_eq!(bench.output("z").len(), 1);
}

#[test]
fn a_browser_that_had_nothing_to_acknowledge_was_not_silent() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.output("$ ");
    bench.drain(id);
    bench.ack(id, 2);
    bench.later(3_600_000);
    assert_eq!(bench.output([b'x'; 500]).len(), 372);
    assert_eq!(
        bench.core.room(bench.now),
        0,
        "a flood after an idle hour is paced from its first byte"
    );
    bench.later(30_000);
    assert_eq!(bench.core.room(bench.now), u64::MAX);
}

#[test]
fn the_quickest_browser_sets_the_pace_and_the_slow_one_gets_a_gap() {
    let mut bench = Bench::new();
    let (slow, _) = bench.greet(browser(80, 24));
    let (quick, _) = bench.greet(browser(80, 24));
    bench.drain(slow);
    for number in 0..80 {
        assert!(bench.output(line(number)).is_empty());
        bench.drain(quick);
        bench.ack(quick, bench.core.ring.end());
        // Without room for it, no gap is announced yet.
        bench.drain(slow).iter().for_each(|event| assert!(matches!(event, ServerEvent::Output(_))));
    }
    bench.ack(slow, 8);
    let from = bench.core.ring.start() + 8;
    assert_eq!(bench.next(slow), Some(ServerEvent::Gap { from }), "after a line");
    let rest = bench.drain(slow);
    assert!(
        matches!(&rest[..], [ServerEvent::Output(bytes)] if bytes.len() == 128),
        "acknowledged up to the gap"
    );
    assert_eq!(bench.core.room(bench.now), 128);
}

#[test]
fn a_gap_does_not_end_the_silence() {
    let mut bench = Bench::new();
    // The connection is stuck: nothing is fetched, so nothing was sent.
    let (id, _) = bench.greet(browser(80, 24));
    bench.output([b'\n'; 128]);
    bench.later(30_000);
    bench.output([b'\n'; 400]);
    assert!(matches!(bench.next(id), Some(ServerEvent::Gap { .. })));
    bench.drain(id);
    assert_eq!(bench.core.room(bench.now), u64::MAX);
}

#[test]
fn without_browsers_the_program_runs_on() {
    let mut bench = Bench::new();
    let id = bench.attach();
    assert_eq!(bench.output([b'x'; 200]).len(), 72);
    bench.core.detach(id);
    assert_eq!(bench.output([b'x'; 200]).len(), 0);
}

#[test]
fn watchers_hold_nothing_back_and_are_not_counted() {
    let mut bench = Bench::new();
    let (watcher, hello) = bench.greet(WATCHER);
    assert!(!hello.writer);
    assert_eq!(bench.output([b'x'; 600]).len(), 0);
    assert_eq!(bench.core.attached(), 0);
    assert!(!bench.core.ever_attached());
    bench.type_(watcher, "rm -rf /");
    bench.send(watcher, BrowserCommand::Interrupt);
    bench.send(watcher, BrowserCommand::Resize(size(10, 10)));
    assert_eq!(bench.write_all(), b"");
    assert_eq!(bench.core.size, Size::USUAL);
    assert!(matches!(bench.next(watcher), Some(ServerEvent::Gap { .. })));
    assert!(!bench.core.has_resize(), "not even to draw again");
}

#[test]
fn a_fifth_browser_takes_the_place_of_the_oldest() {
    let mut bench = Bench::new();
    let watcher = bench.attach_with(WATCHER);
    let ids: Vec<_> = (0..5).map(|_| bench.attach()).collect();
    assert_eq!(bench.core.attached(), 4);
    let first = bench.drain(ids[0]);
    assert!(matches!(
        first[..],
        [ServerEvent::Hello(_), ServerEvent::TakenOver, ServerEvent::Close(CloseReason::TakenOver)]
    ));
    assert!(matches!(
        bench.drain(watcher)[..],
        [ServerEvent::Hello(_), ServerEvent::Size(_)] | [ServerEvent::Hello(_)]
    ));
    assert!(ids[1..].iter().all(|id| bench.type_(*id, "x")));
}

#[test]
fn a_truncated_replay_is_followed_by_a_redraw() {
    let mut bench = truncated();
    let (id, hello) = bench.greet(browser(80, 24));
    assert!(hello.truncated);
    bench.drain(id);
    assert!(!bench.core.has_resize(), "not before the replay is out");
    bench.ack(id, 280);
    bench.drain(id);
    let resize = bench.core.next_resize().unwrap();
    assert_eq!((resize.to, resize.redraw), (Size::USUAL, true));
    assert!(!bench.core.has_resize());
}
