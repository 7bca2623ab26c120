//! Exits, lost connections, closed containers, shutdown.

use terminal::{AttachError, Notice, OpenError, TerminalState};
use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn an_exit_is_told_and_remembered_until_a_restart() {
    let mut stage = Stage::new();
    let (mut first, program) = stage.attach_and_start(browser()).await;
    program.print("bye").await;
    program.exit(Some(3));
    for expected in [output("bye"), ServerEvent::Exit { code: Some(3) }] {
        first.expect(expected).await;
    }
    first.expect_close(CloseReason::Exited).await;
    assert_eq!(
        stage.terminals.statuses(&instance())[0].state,
        TerminalState::Exited { code: Some(3) }
    );

    let mut again = stage.attach(browser()).await;
    assert_eq!(again.hello.epoch, first.hello.epoch);
    again.expect(output("bye")).await;
    again.expect(ServerEvent::Exit { code: Some(3) }).await;
    again.expect_close(CloseReason::Exited).await;

    let (fresh, _program) = stage.attach_and_start(RESTART).await;
    assert_ne!(fresh.hello.epoch, first.hello.epoch);
    assert_eq!((fresh.hello.from, fresh.hello.live), (0, 0));
    let other = stage.attach(RESTART).await;
    assert_eq!(other.hello.epoch, fresh.hello.epoch, "on an open terminal it is a plain attach");
}

#[tokio::test(start_paused = true)]
async fn output_does_not_wait_for_the_exit_code_nor_the_exit_for_good() {
    let mut stage = Stage::new();
    let (mut browser, program) = stage.attach_and_start(browser()).await;
    program.print("bye").await;
    let _code = program.end();
    let began = Instant::now();
    browser.expect(output("bye")).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    browser.expect(ServerEvent::Exit { code: None }).await;
    assert!(began.elapsed() <= Duration::from_secs(10));
    browser.expect_close(CloseReason::Exited).await;
}

#[tokio::test(start_paused = true)]
async fn an_exit_before_the_first_attach_is_nobodys_and_the_attach_starts_anew() {
    let mut stage = Stage::new();
    let terminals = stage.terminals.clone();
    let opening = tokio::spawn(async move { terminals.open(&key(), spec()).await });
    stage.request().await.start().exit(Some(1));
    opening.await.unwrap().unwrap();
    let mut changes = stage.terminals.changes();
    while stage.terminals.statuses(&instance())[0].state == TerminalState::Open {
        changes.recv().await.unwrap();
    }
    let (mut browser, program) = stage.attach_and_start(browser()).await;
    program.print("# ").await;
    browser.expect(output("# ")).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_fails_leaves_the_last_screen() {
    let mut stage = Stage::new();
    let (first, program) = stage.attach_and_start(browser()).await;
    program.print("bye").await;
    program.exit(Some(0));
    let terminals = stage.terminals.clone();
    settle().await;
    let attaching =
        tokio::spawn(async move { terminals.attach(&key(), spec(), RESTART).await.map(drop) });
    stage.request().await.refuse(provider::Error::NotRunning("tryit-brave-otter".to_owned()));
    assert!(attaching.await.unwrap().is_err());
    let mut again = stage.attach(browser()).await;
    assert_eq!(again.hello.epoch, first.hello.epoch);
    again.expect(output("bye")).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_browser_still_gets_the_end_of_the_run_before() {
    let mut stage = Stage::new();
    let (mut slow, program) = stage.attach_and_start(browser()).await;
    program.print("the end").await;
    program.exit(None);
    settle().await;
    let (fresh, _program) = stage.attach_and_start(RESTART).await;
    assert_eq!(stage.terminals.statuses(&instance())[0].browsers, 1, "of the present run");
    slow.expect(output("the end")).await;
    slow.expect(ServerEvent::Exit { code: None }).await;
    slow.expect_close(CloseReason::Exited).await;
    drop((slow, fresh));
    let began = Instant::now();
    stage.terminals.shutdown().await;
    assert_eq!(began.elapsed(), Duration::ZERO, "nothing is left of the run before");
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_ends_the_run_without_an_exit() {
    let mut stage = Stage::new();
    let (mut first, program) = stage.attach_and_start(browser()).await;
    drop(program);
    first.expect_close(CloseReason::Lost).await;
    assert_eq!(stage.terminals.statuses(&instance()), []);
    let how =
        Attach { since: Some(Since { bytes: 0, epoch: Some(first.hello.epoch) }), ..browser() };
    let (second, _program) = stage.attach_and_start(how).await;
    assert_ne!(second.hello.epoch, first.hello.epoch);
}

#[tokio::test(start_paused = true)]
async fn an_input_that_is_not_accepted_ends_the_run_soon() {
    let mut stage = Stage::new();
    let (mut browser, mut program) = stage.attach_and_start(browser()).await;
    program.input.close();
    browser.type_("x");
    program.print("still to come").await;
    browser.expect(output("still to come")).await;
    browser.expect_close(CloseReason::Lost).await;
}

#[tokio::test(start_paused = true)]
async fn closing_a_container_hangs_up_and_lets_all_go() {
    for (reason, notice) in
        [(CloseReason::SessionEnded, None), (CloseReason::Reset, Some(Notice::Reset))]
    {
        let mut stage = Stage::new();
        let (mut browser, mut program) = stage.attach_and_start(browser()).await;
        stage.terminals.close_instance(&instance(), reason).await;
        assert_eq!(program.hung_up.try_recv(), Ok(()));
        if let Some(notice) = notice {
            browser.expect(ServerEvent::Notice(notice)).await;
        }
        browser.expect_close(reason).await;
        assert_eq!(stage.terminals.statuses(&instance()), []);
        assert_eq!(stage.terminals.activity(&instance()), terminal::Activity::default());
    }
}

#[tokio::test(start_paused = true)]
async fn closing_a_container_does_not_wait_for_an_exit_code() {
    let mut stage = Stage::new();
    let (_browser, program) = stage.attach_and_start(browser()).await;
    let _code = program.end();
    settle().await;
    let began = Instant::now();
    stage.terminals.close_instance(&instance(), CloseReason::SessionEnded).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_container_closed_while_its_terminal_opens_keeps_no_command() {
    let mut stage = Stage::new();
    let terminals = stage.terminals.clone();
    let attaching =
        tokio::spawn(async move { terminals.attach(&key(), spec(), browser()).await.map(drop) });
    let request = stage.request().await;
    stage.terminals.close_instance(&instance(), CloseReason::SessionEnded).await;
    let program = request.start();
    assert!(matches!(attaching.await.unwrap(), Err(AttachError::Open(OpenError::Closed))));
    assert_eq!(program.hung_up.await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn notices_reach_the_attached_only() {
    let mut stage = Stage::new();
    let (mut first, _program) = stage.attach_and_start(browser()).await;
    let mut watcher = stage.attach(WATCHER).await;
    stage.terminals.notify(&instance(), Notice::LxdUnavailable);
    first.expect(ServerEvent::Notice(Notice::LxdUnavailable)).await;
    watcher.expect(ServerEvent::Notice(Notice::LxdUnavailable)).await;
    stage.terminals.notify_all(Notice::Restarting);
    first.expect(ServerEvent::Notice(Notice::Restarting)).await;
    let mut late = stage.attach(WATCHER).await;
    assert!(late.is_quiet().await);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_tells_then_waits() {
    let mut stage = Stage::new();
    let (mut browser, program) = stage.attach_and_start(browser()).await;
    let terminals = stage.terminals.clone();
    let down = tokio::spawn(async move { terminals.shutdown().await });
    browser.expect(ServerEvent::Notice(Notice::Restarting)).await;
    browser.expect_close(CloseReason::Restarting).await;
    assert_eq!(program.hung_up.await, Ok(()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!down.is_finished(), "the browser's connection still has it");
    let refused = stage.terminals.attach(&key(), spec(), super::browser()).await;
    assert!(matches!(refused, Err(AttachError::Open(OpenError::ShuttingDown))));
    drop(browser);
    down.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_good() {
    let mut stage = Stage::new();
    let (_stuck, _program) = stage.attach_and_start(browser()).await;
    let began = Instant::now();
    stage.terminals.shutdown().await;
    assert!(began.elapsed() <= Duration::from_secs(5));
}
