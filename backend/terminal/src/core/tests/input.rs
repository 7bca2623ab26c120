//! What is typed, what is taken, and Ctrl-C.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{
    MAX_FRAME, MAX_WAITING_INPUT,
    core::{Done, Typed},
};

fn taken(events: &[ServerEvent]) -> Option<u64> {
    let all: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            ServerEvent::Taken(bytes) => Some(*bytes),
            _ => None,
        })
        .collect();
    assert!(all.len() <= 1);
    all.first().copied()
}

/// A script's end, and where it will be seen.
fn script() -> (Done, Arc<Mutex<Option<Typed>>>) {
    let seen = Arc::new(Mutex::new(None));
    let there = Arc::clone(&seen);
    (Box::new(move |typed| *there.lock().unwrap() = Some(typed)), seen)
}

#[test]
fn input_goes_out_in_the_order_it_came() {
    let mut bench = Bench::new();
    let (one, two) = (bench.attach(), bench.attach());
    bench.type_(one, "a");
    bench.type_(two, "b");
    bench.type_(one, "cd");
    assert_eq!(bench.write_all(), b"abcd");
}

#[test]
fn taken_is_told_within_100_ms() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.type_(id, "ls\r");
    assert_eq!(bench.core.next_input().as_deref(), Some(&b"ls\r"[..]));
    bench.later(5_000);
    assert_eq!(taken(&bench.drain(id)), None, "not accepted yet");
    bench.core.input_accepted(bench.now);
    let due = bench.core.deadline(bench.now).unwrap();
    assert!(due <= bench.now + Duration::from_millis(80));
    assert_eq!(bench.drain(id), []);
    bench.now = due;
    assert_eq!(taken(&bench.drain(id)), Some(3));
}

#[test]
fn taken_is_told_at_least_every_16_kib() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.type_(id, &"x".repeat(MAX_FRAME));
    for told in 1..=4 {
        assert!(bench.core.next_input().unwrap().len() <= 16 * 1024);
        assert!(bench.core.next_input().is_none(), "one at a time");
        bench.core.input_accepted(bench.now);
        assert_eq!(taken(&bench.drain(id)), Some(told * 16 * 1024));
    }
    assert!(!bench.core.has_input());
}

#[test]
fn interrupt_drops_what_waits_and_counts_it_as_taken() {
    let mut bench = Bench::new();
    let (one, _) = bench.greet(browser(80, 24));
    let (two, _) = bench.greet(browser(80, 24));
    bench.type_(one, &"x".repeat(20_000));
    bench.type_(two, &"y".repeat(30_000));
    let in_flight = bench.core.next_input().unwrap();
    bench.send(two, BrowserCommand::Interrupt);
    bench.core.input_accepted(bench.now);
    assert_eq!(bench.write_all(), [0x03]);
    bench.later(100);
    assert_eq!(in_flight.len(), 16 * 1024);
    assert_eq!(taken(&bench.drain(one)), Some(20_000));
    assert_eq!(taken(&bench.drain(two)), Some(30_000), "without the Ctrl-C itself");
}

#[test]
fn interrupts_do_not_pile_up() {
    let mut bench = Bench::new();
    let id = bench.attach();
    for _ in 0..10_000 {
        bench.send(id, BrowserCommand::Interrupt);
    }
    bench.type_(id, "x");
    assert_eq!(bench.write_all(), [0x03, b'x']);
}

#[test]
fn more_than_256_kib_waiting_closes_that_browser_only() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    let (other, _) = bench.greet(browser(80, 24));
    bench.type_(other, "o");
    for _ in 0..4 {
        assert!(bench.type_(id, &"x".repeat(MAX_FRAME)));
    }
    bench.type_(id, "x");
    bench.drain(other);
    assert!(bench.drain(id).contains(&close(CloseReason::TooMuchInput)));
    bench.type_(other, "k");
    assert_eq!(bench.write_all(), b"ok");
}

#[test]
fn input_in_many_small_turns_is_bounded_too() {
    let mut bench = Bench::new();
    let (one, two) = (bench.attach(), bench.attach());
    let all = (0..10_000).all(|_| bench.type_(one, "x") && bench.type_(two, "y"));
    assert!(!all);
}

#[test]
fn what_a_browser_sent_before_it_left_is_typed_unless_it_is_too_much() {
    let mut bench = Bench::new();
    for _ in 0..10 {
        let id = bench.attach();
        for _ in 0..4 {
            bench.type_(id, &"x".repeat(MAX_FRAME));
        }
        bench.core.detach(id);
    }
    let written = bench.write_all().len();
    assert_eq!(written, MAX_WAITING_INPUT);
}

#[test]
fn a_frame_that_is_too_large_breaks_the_protocol() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    bench.type_(id, &"x".repeat(MAX_FRAME + 1));
    assert_eq!(bench.drain(id), [close(CloseReason::ProtocolError)]);
    assert_eq!(bench.write_all(), b"");
}

#[test]
fn a_script_learns_what_became_of_it() {
    let mut bench = Bench::new();
    let (id, _) = bench.greet(browser(80, 24));
    let (done, seen) = script();
    bench.core.script(&[b's'; 20_000], done).unwrap();
    bench.core.next_input();
    bench.core.input_accepted(bench.now);
    assert_eq!(*seen.lock().unwrap(), None);
    bench.core.next_input();
    bench.core.input_accepted(bench.now);
    assert_eq!(*seen.lock().unwrap(), Some(Typed::Accepted));

    let (done, seen) = script();
    bench.core.script(b"sleep 9", done).unwrap();
    bench.send(id, BrowserCommand::Interrupt);
    assert_eq!(*seen.lock().unwrap(), Some(Typed::Interrupted));

    let (done, seen) = script();
    bench.core.script(b"more", done).unwrap();
    bench.core.exited(Some(0), bench.now);
    assert_eq!((*seen.lock().unwrap(), Arc::strong_count(&seen)), (None, 1), "dropped untold");
}

#[test]
fn an_interrupt_after_a_flood_of_another_browser_is_next_and_closes_nothing() {
    let mut bench = Bench::new();
    let (flooding, _) = bench.greet(browser(80, 24));
    bench.type_(flooding, "sleep 1000\r");
    assert!(bench.core.next_input().is_some(), "and the program reads no more");
    let frame = "x".repeat(MAX_FRAME);
    while bench.type_(flooding, &frame) {}
    assert_eq!(bench.drain(flooding).last(), Some(&close(CloseReason::TooMuchInput)));
    bench.core.detach(flooding);

    let (id, _) = bench.greet(browser(80, 24));
    for _ in 0..3 {
        assert!(bench.send(id, BrowserCommand::Interrupt));
        assert!(bench.type_(id, "ls\r"));
    }
    bench.later(5_000);
    assert_eq!(taken(&bench.drain(id)), Some(6), "what was dropped counts as taken");
    assert_eq!(bench.core.next_input(), None, "what was handed over is still ahead");
    bench.core.input_accepted(bench.now);
    assert_eq!(bench.write_all(), b"\x03ls\r");
    bench.later(5_000);
    let told = bench.drain(id);
    assert_eq!((taken(&told), told.len()), (Some(9), 1), "{told:?}");
}
