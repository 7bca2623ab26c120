//! What the visitor does with the session.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ErrorCode;
use shared::session::{CheckResponse, ProgressRequest, SessionState, SessionView};
use shared::tutorial::{Code, Exec};

use super::Session;
use crate::browser::api::{Answer, Failure};
use crate::browser::{page, time};

/// How long the page waits before it claims again what it could not.
const CLAIM_AGAIN_MS: u32 = 2_000;

impl Session {
    /// Does something with the session and takes the view that comes back; one thing at a time. (A box, since each type
    /// of future would be a copy of this in the program.)
    fn call(self, call: Pin<Box<dyn Future<Output = Answer<SessionView>>>>, then: fn(Session)) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let answer = call.await;
            if self.view.try_get_untracked().is_none() {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(view) => {
                    self.take(view);
                    then(self);
                }
                Err(failure) => {
                    // It may be over, or another tab did it first: then the page shows that, and no words are needed.
                    let before = self.state.get_untracked();
                    let late = [Some(ErrorCode::WrongState), Some(ErrorCode::SessionEnded)];
                    let moved_on = late.contains(&failure.code())
                        && self.refresh().await.is_ok()
                        && self.state.try_get_untracked() != Some(before);
                    if !moved_on {
                        self.refused.try_set(Some(failure));
                    }
                }
            }
        });
    }

    /// Takes the place that the queue offers; tries again while no answer comes and the place is held.
    pub fn claim(self) {
        let key = self.key();
        let claim = async move {
            loop {
                let answer = key.claim().await;
                let held = self.state.try_get_untracked() == Some(SessionState::Offered);
                if answer != Err(Failure::Offline) || !held {
                    return answer;
                }
                time::sleep(CLAIM_AGAIN_MS).await;
            }
        };
        self.call(Box::pin(claim), |_| {});
    }

    /// Asks for more time.
    pub fn extend(self) {
        let key = self.key();
        self.call(Box::pin(async move { key.extend().await }), |session| {
            let ends =
                session.view.with_untracked(|view| view.expires_at.as_deref().map(time::hour));
            let ends = ends.unwrap_or_default();
            session.visit.said.set(format!("More time: the session ends at {ends}."));
        });
    }

    /// Asks for a fresh container.
    pub fn reset(self) {
        let key = self.key();
        self.call(Box::pin(async move { key.reset().await }), |session| session.tabs.focus());
    }

    /// Ends the session, or leaves the queue.
    pub fn end(self) {
        let key = self.key();
        let end = async move {
            key.end().await?;
            key.view().await
        };
        self.call(Box::pin(end), |_| {});
    }

    /// Turns to a page and says so to the service.
    pub fn turn(self, to: usize) {
        let Some(tutorial) = self.visit.tutorial.get_untracked() else { return };
        let turned =
            self.guide.try_update(|guide| guide.turn(to, &tutorial.pages)).unwrap_or(false);
        if turned {
            let page = tutorial.pages[to].id.clone();
            self.report(ProgressRequest { page, ran: None });
            // The title of the new page stands there with the next frame.
            request_animation_frame(|| page::focus("page-title"));
        }
    }

    /// Runs the scripts of a page, once in each container.
    pub fn enter(self, page: &str) {
        let entry = (self.container.get_untracked(), page.to_owned());
        if self.entered.with_value(|entered| entered.contains(&entry)) {
            return;
        }
        self.entered.update_value(|entered| entered.push(entry.clone()));
        let key = self.key();
        spawn_local(async move {
            if key.enter(&entry.1).await.is_err() {
                // The next time the page is turned to is a new chance.
                self.entered.try_update_value(|entered| entered.retain(|made| *made != entry));
            }
        });
    }

    /// Runs a command of a page.
    pub fn run(self, page: &str, code: &Code, exec: Exec) {
        if untrack(|| self.waits()) {
            self.visit.said.set("Commands run as soon as you have a place.".to_owned());
            return;
        }
        if self.tabs.run(code, exec)
            && !self.guide.with_untracked(|guide| guide.has_run(page, code.id))
        {
            self.guide.update(|guide| guide.run(page, code.id));
            let ran = self.guide.with_untracked(|guide| guide.ran(page));
            self.report(ProgressRequest { page: page.to_owned(), ran: Some(ran) });
        }
    }

    /// Checks a page.
    pub async fn check(self, page: &str) -> Answer<CheckResponse> {
        let answer = self.key().check(page).await?;
        if answer.passed {
            self.guide.try_update(|guide| guide.pass(page));
        }
        Ok(answer)
    }

    fn report(self, progress: ProgressRequest) {
        let key = self.key();
        spawn_local(async move {
            // Lost progress costs a visitor a mark, no more; the next report carries all of the page's.
            drop(key.progress(&progress).await);
        });
    }
}
