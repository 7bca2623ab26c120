//! Follows the session's changes: by the stream, and by asking where that is cut.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ErrorCode;
use shared::session::{SessionState, SessionView};
use shared::terminal::CloseCode;

use super::Session;
use crate::browser::api::Answer;
use crate::browser::{time, updates};
use crate::logic::following::{Following, Step};

/// How often the page asks where the stream of changes is cut.
const ASK_MS: u32 = 5_000;

impl Session {
    /// Follows the changes until there are none any more.
    pub(super) async fn follow(self) {
        let mut following = Following::default();
        while let Some(key) = self.key.try_get_value() {
            let came = Rc::new(Cell::new(false));
            let something = came.clone();
            let seen = move |view: SessionView| {
                let first = !something.replace(true);
                let alive = self.view.try_get_untracked().is_some();
                if alive {
                    // The service is back: no terminal has to wait for its own next try.
                    if first {
                        self.tabs.each(|_, terminal| terminal.retry_now());
                    }
                    self.take(view);
                }
                alive && !self.is_over()
            };
            // Why a stream was cut says nothing yet: the page asks next, and that does.
            let streamed = updates::follow(&key, seen).await;
            if self
                .settle(streamed.or_else(|failure| failure.code().map_or(Ok(()), |_| Err(failure))))
            {
                return;
            }
            following.cut(came.get());
            loop {
                let answer = self.refresh().await;
                let answered = answer.is_ok();
                if self.settle(answer) {
                    return;
                }
                let step = following.asked(answered);
                if step != Step::Stream {
                    time::sleep(ASK_MS).await;
                }
                if step != Step::WaitAndAsk {
                    break;
                }
            }
        }
    }

    /// Asks for the view.
    pub(super) async fn refresh(self) -> Answer<()> {
        let Some(key) = self.key.try_get_value() else { return Ok(()) };
        let view = key.view().await?;
        if self.view.try_get_untracked().is_some() {
            self.take(view);
        }
        Ok(())
    }

    /// Notes how asking went; answers whether there is nothing more to ask.
    fn settle(self, answer: Answer<()>) -> bool {
        match answer.as_ref().err().map(|failure| (failure, failure.code())) {
            None => {}
            Some((_, Some(ErrorCode::Unauthorized | ErrorCode::NotFound))) => {
                self.gone.try_set(true);
            }
            Some((failure, None)) => {
                self.unreachable.try_set(Some(failure.clone()));
            }
            Some((_, Some(_))) => {}
        }
        self.view.try_get_untracked().is_none() || self.is_over()
    }

    fn is_over(self) -> bool {
        self.gone.try_get_untracked().unwrap_or(true)
            || self.view.with_untracked(|view| view.state == SessionState::Ended)
    }

    /// Counts down once a second.
    pub(super) async fn tick(self) {
        while self.view.try_get_untracked().is_some() && !self.is_over() {
            self.count();
            time::sleep(1_000).await;
        }
    }

    pub(super) fn terminal_stopped(self, code: CloseCode) {
        match code {
            CloseCode::Unauthorized => self.gone.set(true),
            CloseCode::SessionEnded | CloseCode::NotStarted | CloseCode::NoSuchTerminal => {
                spawn_local(async move {
                    let answer = self.refresh().await;
                    self.settle(answer);
                });
            }
            _ => {}
        }
    }
}
