//! Whose size and replies count.

use super::*;

#[test]
fn the_last_to_attach_or_type_is_the_writer_and_its_size_rules() {
    let mut bench = Bench::new();
    let (first, hello) = bench.greet(browser(100, 30));
    assert!(hello.writer);
    assert_eq!(bench.core.next_resize().map(|resize| resize.to), Some(size(100, 30)));
    let (second, hello) = bench.greet(browser(50, 20));
    assert!(hello.writer);
    assert_eq!(hello.size, size(50, 20));
    assert_eq!(bench.drain(first), [ServerEvent::Writer(false), ServerEvent::Size(size(50, 20))]);
    assert_eq!(bench.core.next_resize().map(|resize| resize.to), Some(size(50, 20)));

    bench.type_(first, "l");
    assert_eq!(bench.drain(first), [ServerEvent::Writer(true), ServerEvent::Size(size(100, 30))]);
    assert_eq!(bench.drain(second), [ServerEvent::Writer(false), ServerEvent::Size(size(100, 30))]);
    assert_eq!(bench.core.next_resize().map(|resize| resize.to), Some(size(100, 30)));
    bench.type_(first, "s");
    assert_eq!(bench.drain(first), [], "nothing new");
}

#[test]
fn a_resize_counts_for_the_writer_at_once_and_for_others_when_they_type() {
    let mut bench = Bench::new();
    let (other, _) = bench.greet(browser(80, 24));
    let (writer, _) = bench.greet(browser(80, 24));
    bench.drain(other);
    bench.send(other, BrowserCommand::Resize(size(60, 10)));
    assert!(!bench.core.has_resize());
    assert_eq!(bench.drain(other), [ServerEvent::Size(size(80, 24))], "it is told what rules");
    bench.send(writer, BrowserCommand::Resize(size(90, 40)));
    assert_eq!(bench.drain(writer), [], "it knows its own");
    assert_eq!(bench.drain(other), [ServerEvent::Size(size(90, 40))]);
    bench.type_(other, "x");
    assert_eq!(bench.core.next_resize().map(|resize| resize.to), Some(size(60, 10)));
}

#[test]
fn when_the_writer_leaves_the_one_before_is_it_again() {
    let mut bench = Bench::new();
    let (first, _) = bench.greet(browser(80, 24));
    let (second, _) = bench.greet(browser(70, 20));
    let (third, _) = bench.greet(browser(60, 10));
    bench.type_(first, "x");
    bench.drain(second);
    bench.core.detach(third);
    bench.core.detach(first);
    assert_eq!(bench.drain(second), [ServerEvent::Writer(true), ServerEvent::Size(size(70, 20))]);
    bench.core.detach(second);
    assert_eq!(bench.core.size, size(70, 20), "kept while nobody is there");
}

#[test]
fn many_changes_are_told_as_one() {
    let mut bench = Bench::new();
    let (slow, _) = bench.greet(browser(80, 24));
    let (writer, _) = bench.greet(browser(80, 24));
    for cols in 1..=500 {
        bench.send(writer, BrowserCommand::Resize(size(cols, 24)));
        bench.core.notify(crate::Notice::LxdUnavailable);
    }
    let expected = [
        ServerEvent::Notice(crate::Notice::LxdUnavailable),
        ServerEvent::Writer(false),
        ServerEvent::Size(size(500, 24)),
    ];
    assert_eq!(bench.drain(slow), expected);
}
