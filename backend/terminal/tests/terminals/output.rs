//! Pace, redraw, input: what needs a clock or an exec to be seen.

use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_browser_that_does_not_acknowledge_holds_the_program_for_the_hold_only() {
    let mut stage = Stage::new();
    let (mut browser, program) = stage.attach_and_start(browser()).await;
    let began = Instant::now();
    let flood = tokio::spawn(async move {
        for _ in 0..100 {
            program.print(vec![b'\n'; 4096]).await;
        }
        program
    });
    let mut seen = 0;
    while let Ok(event) = timeout(Duration::from_secs(20), browser.next()).await {
        match event {
            ServerEvent::Output(bytes) => seen += bytes.len() as u64,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, browser.hello.window);
    assert!(!flood.is_finished());
    flood.await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 30);
    settle().await;
    browser.send(BrowserCommand::Ack(seen));
    let ServerEvent::Gap { from } = browser.next().await else {
        panic!("what was lost is announced")
    };
    assert!(from > 100 * 4096 - 256 * 1024);
}

#[tokio::test(start_paused = true)]
async fn acknowledging_lets_the_program_go_on_at_once() {
    let mut stage = Stage::new();
    let (mut browser, program) = stage.attach_and_start(browser()).await;
    let began = Instant::now();
    let flood = tokio::spawn(async move {
        for _ in 0..1000 {
            program.print(vec![b'x'; 4096]).await;
        }
        program
    });
    let mut seen = 0;
    while seen < 1000 * 4096 {
        match browser.next().await {
            ServerEvent::Output(bytes) => seen += bytes.len() as u64,
            other => panic!("{other:?}"),
        }
        browser.send(BrowserCommand::Ack(seen));
    }
    flood.await.unwrap();
    // A thousand times the moment that a flood is left to gather for, at most: nothing was held.
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn after_a_truncated_replay_programs_are_made_to_draw_again() {
    let mut stage = Stage::new();
    let (first, mut program) = stage.attach_and_start(browser()).await;
    drop(first);
    for _ in 0..100 {
        program.print(vec![b'\n'; 4096]).await;
    }
    settle().await;
    let mut browser = stage.attach(browser()).await;
    assert!(browser.hello.truncated);
    let mut have = browser.hello.from;
    while have < browser.hello.live {
        assert!(program.sizes.try_recv().is_err(), "not before the replay is out");
        match browser.next().await {
            ServerEvent::Output(bytes) => have += bytes.len() as u64,
            other => panic!("{other:?}"),
        }
        browser.send(BrowserCommand::Ack(have));
    }
    let began = Instant::now();
    assert_eq!(program.sizes.recv().await, Some((80, 23)));
    program.print("drawn").await;
    assert_eq!(program.sizes.recv().await, Some((80, 24)));
    assert!(began.elapsed() <= Duration::from_millis(50));
    browser.expect(output("drawn")).await;
    assert!(browser.is_quiet().await);
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_is_told_within_100_ms_and_only_once_it_was_accepted() {
    let mut stage = Stage::new();
    let (mut browser, mut program) = stage.attach_and_start(browser()).await;
    browser.type_("a");
    let began = Instant::now();
    browser.expect(ServerEvent::Taken(1)).await;
    assert!(began.elapsed() <= Duration::from_millis(100));
    // The program has not read it yet, so the next is not accepted.
    browser.type_("b");
    browser.type_("c");
    assert!(browser.is_quiet().await);
    assert_eq!(program.input.recv().await.as_deref(), Some(&b"a"[..]));
    browser.expect(ServerEvent::Taken(3)).await;
    assert_eq!(program.input.recv().await.as_deref(), Some(&b"bc"[..]));
}

#[tokio::test(start_paused = true)]
async fn interrupt_overtakes_what_waits() {
    let mut stage = Stage::new();
    let (mut browser, mut program) = stage.attach_and_start(browser()).await;
    browser.type_("accepted");
    browser.expect(ServerEvent::Taken(8)).await;
    browser.type_("under way");
    settle().await;
    browser.type_("dropped");
    browser.send(BrowserCommand::Interrupt);
    browser.expect(ServerEvent::Taken(15)).await;
    assert_eq!(program.input.recv().await.as_deref(), Some(&b"accepted"[..]));
    assert_eq!(program.input.recv().await.as_deref(), Some(&b"under way"[..]));
    assert_eq!(program.input.recv().await.as_deref(), Some(&[0x03][..]));
    browser.expect(ServerEvent::Taken(24)).await;
}

#[tokio::test(start_paused = true)]
async fn a_script_is_typed_to_its_end() {
    let mut stage = Stage::new();
    let missing = stage.terminals.type_input(&key(), Bytes::from_static(b"ls\n")).await;
    assert_eq!(missing, Err(terminal::TypeError::NotOpen));
    let (mut browser, mut program) = stage.attach_and_start(browser()).await;
    stage.terminals.type_input(&key(), Bytes::from_static(b"ls\n")).await.unwrap();
    assert_eq!(program.input.recv().await.as_deref(), Some(&b"ls\n"[..]));
    assert!(browser.is_quiet().await, "no browser's input was taken");
    let terminals = stage.terminals.clone();
    let typing =
        tokio::spawn(async move { terminals.type_input(&key(), vec![b's'; 100_000].into()).await });
    settle().await;
    browser.send(BrowserCommand::Interrupt);
    assert_eq!(typing.await.unwrap(), Err(terminal::TypeError::Interrupted));
}
