//! Opening, attaching, and who learns of it.

use provider::Error;
use terminal::{AttachError, OpenError, TerminalState};

use super::*;

#[tokio::test(start_paused = true)]
async fn the_first_attach_opens_in_the_browsers_size() {
    let mut stage = Stage::new();
    let how = Attach { role: Role::Browser { size: size(120, 40), restart: true }, since: None };
    let (mut browser, program) = stage.attach_and_start(how).await;
    assert_eq!((program.spec.cols, program.spec.rows), (120, 40));
    assert_eq!((browser.hello.from, browser.hello.live, browser.hello.size), (0, 0, size(120, 40)));
    program.print("# ").await;
    browser.expect(output("# ")).await;
    let status = stage.terminals.statuses(&instance());
    assert_eq!((status.len(), status[0].state, status[0].browsers), (1, TerminalState::Open, 1));
    assert_eq!(status[0].epoch, browser.hello.epoch);
}

#[tokio::test(start_paused = true)]
async fn a_warm_terminal_has_its_prompt_waiting() {
    let mut stage = Stage::new();
    let terminals = stage.terminals.clone();
    let opening = tokio::spawn(async move { terminals.open(&key(), spec()).await });
    let mut program = stage.request().await.start();
    opening.await.unwrap().unwrap();
    program.print("# ").await;
    stage.terminals.open(&key(), spec()).await.expect("open already");
    let how = Attach { role: Role::Browser { size: size(100, 30), restart: false }, since: None };
    let mut browser = stage.attach(how).await;
    browser.expect(output("# ")).await;
    assert_eq!(program.sizes.recv().await, Some((100, 30)));
}

#[tokio::test(start_paused = true)]
async fn simultaneous_attaches_share_one_command() {
    let mut stage = Stage::new();
    let attaching: Vec<_> = (0..4)
        .map(|_| {
            let terminals = stage.terminals.clone();
            tokio::spawn(async move { terminals.attach(&key(), spec(), browser()).await.unwrap() })
        })
        .collect();
    let _program = stage.request().await.start();
    let mut epochs = Vec::new();
    for attached in attaching {
        epochs.push(Browser::new(attached.await.unwrap()).await.hello.epoch);
    }
    assert!(epochs.iter().all(|epoch| *epoch == epochs[0]));
    assert!(stage.requests.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_is_told_to_all_who_wait_and_may_be_tried_again() {
    let mut stage = Stage::new();
    let attaching: Vec<_> = (0..2)
        .map(|_| {
            let terminals = stage.terminals.clone();
            tokio::spawn(async move { terminals.attach(&key(), spec(), browser()).await.map(drop) })
        })
        .collect();
    stage.request().await.refuse(Error::Unreachable("LXD".to_owned()));
    for attached in attaching {
        let Err(AttachError::Open(OpenError::Provider(error))) = attached.await.unwrap() else {
            panic!()
        };
        assert!(error.is_outage());
    }
    assert_eq!(stage.terminals.statuses(&instance()), []);
    stage.attach_and_start(browser()).await;
}

#[tokio::test(start_paused = true)]
async fn a_start_outlives_the_browser_that_wanted_it() {
    let mut stage = Stage::new();
    let terminals = stage.terminals.clone();
    let attaching =
        tokio::spawn(async move { terminals.attach(&key(), spec(), browser()).await.map(drop) });
    let request = stage.request().await;
    attaching.abort();
    let program = request.start();
    program.print("# ").await;
    stage.attach(browser()).await.expect(output("# ")).await;
}

#[tokio::test(start_paused = true)]
async fn a_watcher_opens_nothing() {
    let mut stage = Stage::new();
    let refused = stage.terminals.attach(&key(), spec(), WATCHER).await;
    assert!(matches!(refused, Err(AttachError::NotOpen)));
    let (_browser, program) = stage.attach_and_start(browser()).await;
    let mut watcher = stage.attach(WATCHER).await;
    watcher.type_("rm -rf /");
    program.print("# ").await;
    watcher.expect(output("# ")).await;
    let activity = stage.terminals.activity(&instance());
    assert_eq!((activity.attached, activity.last_input), (1, None));
}

#[tokio::test(start_paused = true)]
async fn activity_and_changes_follow_the_browsers() {
    let mut stage = Stage::new();
    let mut changes = stage.terminals.changes();
    assert_eq!(stage.terminals.activity(&instance()), terminal::Activity::default());
    let (first, mut program) = stage.attach_and_start(browser()).await;
    assert_eq!(changes.recv().await, Ok(instance()));
    let activity = stage.terminals.activity(&instance());
    assert!(activity.first_attached.is_some() && activity.last_attached >= activity.first_attached);
    assert_eq!((activity.attached, activity.last_input), (1, None));
    first.type_("x");
    assert_eq!(program.input.recv().await.as_deref(), Some(&b"x"[..]));
    assert!(stage.terminals.activity(&instance()).last_input.is_some());
    while changes.try_recv().is_ok() {}
    drop(first);
    assert_eq!(changes.recv().await, Ok(instance()));
    let activity = stage.terminals.activity(&instance());
    assert_eq!(activity.attached, 0);
    assert!(activity.last_attached.is_some());
}

/// Requests come from other runtimes than the one that runs the terminals, and those may end first.
#[test]
fn a_terminal_outlives_the_runtime_that_opened_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let main = runtime();
    let mut stage = main.block_on(async { Stage::new() });
    let terminals = stage.terminals.clone();
    let there = std::thread::spawn(move || {
        runtime().block_on(async {
            let attachment = terminals.attach(&key(), spec(), browser()).await.unwrap();
            Browser::new(attachment).await.expect(output("hello")).await;
        });
    });
    main.block_on(async {
        let program = stage.request().await.start();
        program.print("hello").await;
        while !there.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        there.join().unwrap();
        program.print(", again").await;
        let mut later = stage.attach(browser()).await;
        let mut seen = Vec::new();
        while seen != b"hello, again" {
            match later.next().await {
                ServerEvent::Output(bytes) => seen.extend_from_slice(&bytes),
                other => panic!("{other:?}"),
            }
        }
    });
}
