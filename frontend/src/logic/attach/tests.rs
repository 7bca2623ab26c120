//! Tests of the attachment: every rule of the protocol that the page has to keep.
use super::*;

const SIZE: Size = Size { cols: 80, rows: 24 };

fn hello(epoch: &str, from: u64, live: u64) -> String {
    format!(
        r#"{{"hello":{{"terminal":1,"epoch":"{epoch}","from":{from},"live":{live},"truncated":false,"writer":true,"window":131072,"cols":80,"rows":24}}}}"#
    )
}

fn attached(from: u64, live: u64) -> Attach {
    let mut attach = Attach::new(SIZE);
    attach.connect();
    attach.text(&hello("a", from, live));
    attach
}

/// Parses everything that `effects` writes; the answers to the last mark.
fn parse(attach: &mut Attach, effects: &[Effect]) -> Vec<Effect> {
    let mut answers = Vec::new();
    for effect in effects {
        if let Effect::Write { mark, .. } | Effect::Reset(mark) = effect {
            answers.extend(attach.parsed(*mark));
        }
    }
    answers
}

fn sent(effects: &[Effect]) -> Vec<u8> {
    effects
        .iter()
        .flat_map(
            |effect| if let Effect::SendBytes(bytes) = effect { bytes.clone() } else { Vec::new() },
        )
        .collect()
}

#[test]
fn the_first_attach_asks_for_everything_and_resets() {
    let mut attach = Attach::new(SIZE);
    assert_eq!(attach.connect(), [Effect::Connect(Query { size: SIZE, have: None, new: false })]);
    attach.text(r#"{"status":{"message":"Booting"}}"#);
    assert_eq!(attach.link(), &Link::Waiting("Booting".into()));
    let effects = attach.text(&hello("a", 0, 0));
    assert_eq!(effects, [Effect::Reset(Mark { screen: 1, upto: 0 })]);
    assert_eq!(attach.link(), &Link::Live);
}

#[test]
fn a_few_bytes_are_acknowledged_after_a_moment_and_once() {
    let mut attach = attached(0, 0);
    let first = attach.bytes(10);
    assert_eq!(parse(&mut attach, &first), [Effect::AckIn(ACK_MS)]);
    let second = attach.bytes(5);
    assert_eq!(parse(&mut attach, &second), []);
    assert_eq!(attach.ack_due(), [Effect::SendText(r#"{"ack":15}"#.into())]);
    assert_eq!(attach.ack_due(), []);
}

#[test]
fn a_flood_is_acknowledged_every_32_kib() {
    let mut attach = attached(0, 0);
    let effects = attach.bytes(65_536);
    let answers = parse(&mut attach, &effects);
    let acks = [r#"{"ack":32768}"#, r#"{"ack":65536}"#].map(|ack| Effect::SendText(ack.into()));
    assert_eq!(answers, acks);
}

#[test]
fn bytes_that_were_not_parsed_are_not_acknowledged() {
    let mut attach = attached(0, 0);
    attach.bytes(1000);
    assert_eq!(attach.ack_due(), []);
}

#[test]
fn a_reconnect_goes_on_where_it_was_without_a_reset() {
    let mut attach = attached(0, 0);
    let effects = attach.bytes(100);
    assert!(matches!(attach.closed(1006, 0.0)[..], [Effect::RetryIn(_)]));
    let have = Some((100, "a".to_owned()));
    assert_eq!(attach.retry(), [Effect::Connect(Query { size: SIZE, have, new: false })]);
    assert_eq!(attach.text(&hello("a", 100, 120)), []);
    // The old bytes, parsed late, are below what the service takes as acknowledged.
    assert_eq!(parse(&mut attach, &effects), []);
    assert_eq!(attach.ack_due(), []);
}

#[test]
fn a_late_mark_of_another_epoch_is_never_acknowledged() {
    let mut attach = attached(0, 0);
    let old = attach.bytes(5_000);
    attach.closed(1012, 0.5);
    attach.retry();
    let effects = attach.text(&hello("b", 0, 10));
    assert!(effects.contains(&Effect::Tell(Notice::NewShell)));
    assert_eq!(parse(&mut attach, &old), []);
    let new = attach.bytes(10);
    assert_eq!(parse(&mut attach, &new), [Effect::AckIn(ACK_MS)]);
    assert_eq!(attach.ack_due(), [Effect::SendText(r#"{"ack":10}"#.into())]);
}

#[test]
fn a_gap_resets_and_counts_on_from_its_number() {
    let mut attach = attached(0, 0);
    let old = attach.bytes(100);
    let effects = attach.text(r#"{"gap":{"from":500000}}"#);
    assert_eq!(
        effects,
        [Effect::Reset(Mark { screen: 2, upto: 500_000 }), Effect::Tell(Notice::OutputLost)]
    );
    assert_eq!(parse(&mut attach, &old), []);
    let new = attach.bytes(1);
    parse(&mut attach, &new);
    assert_eq!(attach.ack_due(), [Effect::SendText(r#"{"ack":500001}"#.into())]);
}

#[test]
fn replies_are_discarded_until_live_is_parsed_and_unless_writer() {
    let mut attach = attached(0, 10);
    let effects = attach.bytes(30);
    assert_eq!(effects.len(), 2, "the frame is cut where the replay ends");
    assert_eq!(attach.replied(b"\x1b[1;1R"), []);
    parse(&mut attach, &effects[..1]);
    assert_eq!(sent(&attach.replied(b"\x1b[1;1R")), b"\x1b[1;1R");
    attach.text(r#"{"writer":false}"#);
    assert_eq!(attach.replied(b"\x1b[1;1R"), []);
}

#[test]
fn at_most_64_kib_are_untaken_and_nothing_is_lost() {
    let mut attach = attached(0, 0);
    let paste: Vec<u8> = (0..200_000_u32).map(|i| i as u8).collect();
    let mut arrived = sent(&attach.typed(&paste));
    assert_eq!(arrived.len(), 65_536);
    while arrived.len() < paste.len() {
        let effects = attach.text(&format!(r#"{{"taken":{}}}"#, arrived.len()));
        let more = sent(&effects);
        assert!(!more.is_empty() && more.len() <= 65_536);
        arrived.extend(more);
    }
    assert_eq!(arrived, paste);
}

#[test]
fn what_is_typed_without_a_socket_goes_out_after_hello() {
    let mut attach = attached(0, 50);
    attach.closed(1006, 0.0);
    assert_eq!(attach.typed(b"ls\r"), []);
    attach.retry();
    assert_eq!(sent(&attach.text(&hello("a", 0, 60))), b"ls\r");
    attach.closed(1006, 0.0);
    assert_eq!(attach.typed(&vec![b'x'; 70_000]), [Effect::Tell(Notice::InputTooMuch)]);
}

#[test]
fn what_was_sent_and_not_taken_is_reported_and_never_sent_again() {
    let mut attach = attached(0, 0);
    attach.typed(b"rm x\r");
    assert!(attach.closed(1006, 0.0).contains(&Effect::Tell(Notice::InputUncertain)));
    attach.retry();
    assert_eq!(sent(&attach.text(&hello("a", 0, 60))), b"");
    attach.typed(b"y");
    attach.text(r#"{"taken":1}"#);
    assert!(!attach.closed(1006, 0.0).contains(&Effect::Tell(Notice::InputUncertain)));
}

#[test]
fn a_command_for_a_fresh_shell_waits_for_its_prompt() {
    let mut attach = Attach::new(SIZE);
    attach.connect();
    attach.typed(b"ls\r");
    let effects = attach.text(&hello("a", 0, 0));
    assert!(effects.contains(&Effect::HoldFor(HOLD_MS)));
    assert_eq!(sent(&effects), b"");
    assert_eq!(sent(&attach.bytes(20)), b"ls\r");
    assert_eq!(attach.hold_over(), []);
}

#[test]
fn an_interrupt_overtakes_and_the_command_follows_the_answer() {
    let mut attach = attached(0, 0);
    attach.typed(&vec![b'x'; 100_000]);
    let effects = attach.interrupt(b"ls\r");
    assert_eq!(effects[0], Effect::SendText(r#"{"interrupt":{}}"#.into()));
    attach.text(r#"{"taken":65536}"#);
    assert_eq!(sent(&attach.bytes(3)), b"ls\r");
    attach.interrupt(b"pwd\r");
    assert_eq!(sent(&attach.hold_over()), b"pwd\r", "a silent program gets it too");
}

#[test]
fn an_ended_command_starts_again_on_enter_only() {
    let mut attach = attached(0, 0);
    attach.text(r#"{"exit":{"code":3}}"#);
    assert_eq!(attach.closed(4000, 0.0), []);
    assert_eq!(attach.link(), &Link::Exited(Some(3)));
    assert_eq!(attach.typed(b"x"), []);
    assert_eq!(attach.retry(), []);
    assert_eq!(attach.typed(b"\r"), [Effect::Connect(Query { size: SIZE, have: None, new: true })]);
    let effects = attach.text(&hello("b", 0, 0));
    assert!(!effects.contains(&Effect::Tell(Notice::NewShell)), "it was asked for");
}

#[test]
fn a_command_that_is_clicked_after_the_end_waits_for_the_new_prompt() {
    for interrupts in [false, true] {
        let mut attach = attached(0, 0);
        attach.text(r#"{"exit":{"code":3}}"#);
        attach.closed(4000, 0.0);
        let effects = if interrupts { attach.interrupt(b"ls\r") } else { attach.clicked(b"ls\r") };
        assert_eq!(effects, [Effect::Connect(Query { size: SIZE, have: None, new: true })]);
        assert_eq!(sent(&attach.text(&hello("b", 0, 0))), b"", "there is no prompt yet");
        assert_eq!(sent(&attach.bytes(2)), b"ls\r");
    }
}

#[test]
fn a_terminal_that_another_browser_took_runs_no_command() {
    let mut attach = attached(0, 0);
    assert!(attach.takes_commands());
    attach.closed(CloseCode::TakenOver.as_u16(), 0.0);
    assert!(!attach.takes_commands());
    assert_eq!(attach.clicked(b"ls\r"), []);
}

#[test]
fn every_close_code_either_comes_back_or_stops() {
    for code in CloseCode::ALL {
        let mut attach = attached(0, 0);
        let effects = attach.closed(code.as_u16(), 0.5);
        let comes_back = effects.iter().any(|effect| matches!(effect, Effect::RetryIn(_)));
        match code {
            CloseCode::Left
            | CloseCode::Restarting
            | CloseCode::NoPong
            | CloseCode::Unavailable => {
                assert!(comes_back, "{code:?}");
            }
            CloseCode::Ended => assert_eq!(attach.link(), &Link::Exited(None)),
            stops => {
                assert!(!comes_back, "{code:?}");
                assert_eq!(attach.link(), &Link::Stopped(*stops));
            }
        }
    }
}

#[test]
fn waits_for_lxd_grow_until_it_answers() {
    let mut attach = attached(0, 0);
    let wait = |attach: &mut Attach| match attach.closed(4503, 1.0)[..] {
        [Effect::RetryIn(wait)] => wait,
        ref other => panic!("{other:?}"),
    };
    assert_eq!([wait(&mut attach), wait(&mut attach), wait(&mut attach)], [1_000, 2_000, 4_000]);
    attach.retry();
    attach.text(&hello("a", 0, 0));
    assert_eq!(wait(&mut attach), 1_000);
}

#[test]
fn only_the_writer_tells_its_size() {
    let mut attach = attached(0, 0);
    let size = Size { cols: 100, rows: 30 };
    assert_eq!(attach.resized(SIZE), []);
    assert_eq!(
        attach.resized(size),
        [Effect::SendText(r#"{"resize":{"cols":100,"rows":30}}"#.into())]
    );
    attach.text(r#"{"writer":false}"#);
    assert_eq!(attach.resized(SIZE), []);
    assert_eq!(
        attach.text(r#"{"size":{"cols":120,"rows":40}}"#),
        [Effect::Resize(Size { cols: 120, rows: 40 })]
    );
    assert_eq!(attach.text(r#"{"writer":true}"#).len(), 2);
}

#[test]
fn frames_of_a_newer_service_are_ignored() {
    let mut attach = attached(0, 0);
    assert_eq!(attach.text(r#"{"weather":{"sunny":true}}"#), []);
    assert_eq!(attach.text(r#"{"notice":{"code":"lunch"}}"#), []);
    assert_eq!(attach.text("{"), []);
}

#[test]
fn what_was_lost_is_lost_until_it_is_there_again() {
    let mut attach = attached(0, 0);
    attach.closed(1006, 0.0);
    assert_eq!(attach.retry().len(), 1);
    assert_eq!(
        attach.link(),
        &Link::Lost(Lost::Network),
        "no message comes and goes with each try"
    );
    assert_eq!(attach.retry(), [], "one try at a time");
    assert_eq!(attach.resume(), [], "also when the visitor asks for it");
    attach.closed(1006, 0.0);
    assert_eq!(attach.resume().len(), 1);
    attach.text(&hello("a", 0, 0));
    assert_eq!(attach.link(), &Link::Live);
}

#[test]
fn a_reset_leads_to_a_fresh_container_at_once() {
    let mut attach = attached(0, 0);
    assert_eq!(attach.text(r#"{"notice":{"code":"reset"}}"#), []);
    assert_eq!(attach.closed(1012, 1.0), [Effect::RetryIn(SOON_MS)]);
    assert_eq!(attach.link(), &Link::Lost(Lost::Reset));
    attach.retry();
    attach.text(r#"{"status":{"message":"Booting"}}"#);
    assert_eq!(attach.link(), &Link::Waiting("Booting".into()));
    let effects = attach.text(&hello("b", 0, 0));
    assert!(effects.contains(&Effect::Tell(Notice::FreshContainer)));
    attach.closed(1012, 0.0);
    assert_eq!(attach.link(), &Link::Lost(Lost::Restarting), "a reset is told once");
    attach.retry();
    assert!(attach.text(&hello("c", 0, 0)).contains(&Effect::Tell(Notice::NewShell)));
}

#[test]
fn a_reset_that_was_missed_is_no_restart_of_the_service() {
    let mut attach = attached(0, 0);
    attach.replaced();
    attach.closed(1006, 0.0);
    attach.replaced();
    attach.retry();
    let effects = attach.text(&hello("b", 0, 0));
    assert!(effects.contains(&Effect::Tell(Notice::FreshContainer)));
    attach.replaced();
    attach.closed(1006, 0.0);
    attach.retry();
    let effects = attach.text(&hello("c", 0, 0));
    assert!(effects.contains(&Effect::Tell(Notice::NewShell)), "who is attached knows already");
}

#[test]
fn a_full_container_is_tried_again_on_enter_only() {
    let mut attach = Attach::new(SIZE);
    attach.connect();
    attach.text(r#"{"notice":{"code":"container_exhausted"}}"#);
    assert_eq!(attach.closed(4000, 0.0), []);
    assert_eq!(attach.link(), &Link::Exhausted);
    assert_eq!(attach.retry(), []);
    assert_eq!(attach.typed(b"x"), []);
    assert_eq!(attach.typed(b"\r"), [Effect::Connect(Query { size: SIZE, have: None, new: true })]);
}

#[test]
fn a_terminal_that_ended_comes_back_in_a_fresh_container() {
    let mut attach = attached(0, 0);
    attach.text(r#"{"exit":{"code":0}}"#);
    attach.closed(4000, 0.0);
    let have = Some((0, "a".into()));
    assert_eq!(attach.replaced(), [Effect::Connect(Query { size: SIZE, have, new: false })]);
    assert!(attach.text(&hello("b", 0, 0)).contains(&Effect::Tell(Notice::FreshContainer)));
}

#[test]
fn the_service_says_why_it_closes() {
    for (notice, code, lost) in
        [("restarting", 1012, Lost::Restarting), ("lxd_unavailable", 1006, Lost::Unavailable)]
    {
        let mut attach = attached(0, 0);
        attach.text(&format!(r#"{{"notice":{{"code":"{notice}"}}}}"#));
        assert!(matches!(attach.closed(code, 0.0)[..], [Effect::RetryIn(_)]), "{notice}");
        assert_eq!(attach.link(), &Link::Lost(lost), "{notice}");
    }
}
