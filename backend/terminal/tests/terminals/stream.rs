//! Whatever a program puts out, in whatever frames, and however often its browser reconnects or the command is
//! restarted: the browser ends up with exactly that, or was told what it lost.

use proptest::prelude::*;

use super::*;

/// What a browser does between two of the program's frames.
#[derive(Clone, Debug)]
enum Act {
    /// Reads what is there and acknowledges it.
    Read,
    /// Reads without acknowledging.
    Look,
    /// Loses its connection and comes back with what it has.
    Reconnect,
    /// Comes back after so long that it may have lost something.
    Sleep,
    /// The command exits, and is started again.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => Just(Act::Read),
        2 => Just(Act::Look),
        2 => Just(Act::Reconnect),
        1 => Just(Act::Sleep),
        1 => Just(Act::Restart),
    ]
}

/// What one run's browser has seen, and where from.
struct Screen {
    browser: Browser,
    /// The number of its next byte.
    have: u64,
    told_of_loss: bool,
}

impl Screen {
    fn new(browser: Browser, before: Option<u64>) -> Self {
        let hello = &browser.hello;
        let resumed = before == Some(hello.from);
        assert!(resumed || hello.truncated == (hello.from > 0));
        Self { have: hello.from, told_of_loss: hello.truncated, browser }
    }

    /// Takes everything that comes until nothing does.
    async fn read(&mut self, program: &[u8], acknowledge: bool) {
        if acknowledge {
            self.browser.send(BrowserCommand::Ack(self.have));
        }
        while let Ok(Some(event)) =
            timeout(Duration::from_millis(10), self.browser.attachment.events.next()).await
        {
            match event {
                ServerEvent::Output(bytes) => {
                    let have = usize::try_from(self.have).unwrap();
                    assert_eq!(bytes, program[have..have + bytes.len()]);
                    self.have += bytes.len() as u64;
                    if acknowledge {
                        self.browser.send(BrowserCommand::Ack(self.have));
                    }
                }
                ServerEvent::Gap { from } => {
                    assert!(from > self.have);
                    (self.have, self.told_of_loss) = (from, true);
                }
                ServerEvent::Exit { .. } => {
                    assert_eq!(self.have, program.len() as u64, "all output comes before")
                }
                ServerEvent::Close(reason) => assert_eq!(reason, CloseReason::Exited),
                other => panic!("{other:?}"),
            }
        }
    }

    fn since(&self) -> Attach {
        Attach {
            since: Some(Since { bytes: self.have, epoch: Some(self.browser.hello.epoch) }),
            ..browser()
        }
    }
}

async fn play(frames: Vec<(usize, Act)>) {
    let mut stage = Stage::with(Settings::new(16 * 1024, Duration::from_secs(2)).unwrap());
    let (browser, mut program) = stage.attach_and_start(browser()).await;
    let mut screen = Screen::new(browser, None);
    let mut put_out: Vec<u8> = Vec::new();
    for (count, act) in frames {
        let frame: Vec<u8> = (put_out.len()..put_out.len() + count).map(byte).collect();
        put_out.extend(&frame);
        program.print(frame).await;
        match act {
            Act::Read => screen.read(&put_out, true).await,
            Act::Look => screen.read(&put_out, false).await,
            Act::Reconnect | Act::Sleep => {
                let how = screen.since();
                drop(screen.browser);
                if matches!(act, Act::Sleep) {
                    tokio::time::sleep(Duration::from_secs(100)).await;
                }
                screen = Screen::new(stage.attach(how).await, Some(screen.have));
            }
            Act::Restart => {
                program.exit(Some(0));
                screen.read(&put_out, true).await;
                let how = Attach { since: screen.since().since, ..RESTART };
                let (browser, fresh) = stage.attach_and_start(how).await;
                assert_eq!((browser.hello.from, browser.hello.live), (0, 0));
                (screen, program) = (Screen::new(browser, None), fresh);
                put_out.clear();
            }
        }
    }
    let how = screen.since();
    drop(screen.browser);
    let mut screen = Screen::new(stage.attach(how).await, Some(screen.have));
    screen.read(&put_out, true).await;
    assert_eq!(screen.have, put_out.len() as u64, "in the end it has everything");
}

/// Bytes that tell their number, with lines among them.
fn byte(number: usize) -> u8 {
    match (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52 {
        mixed if mixed % 61 == 0 => b'\n',
        mixed => mixed as u8,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn arrives_whole_or_the_loss_is_told(frames in prop::collection::vec((1..20_000_usize, act()), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(frames));
    }
}
