//! A session: its view as the service streams it, the countdown, the way through the guide, the terminals.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ErrorCode;
use shared::session::{CheckResponse, ProgressRequest, SessionState, SessionView};
use shared::terminal::CloseCode;
use shared::tutorial::{Code, Exec};

use super::Visit;
use crate::browser::api::{Answer, Failure, Key};
use crate::browser::{page, time, updates};
use crate::logic::clock::{Countdown, Urgency, urgency};
use crate::logic::guide::Guide;
use crate::logic::phases::Phases;
use crate::terminal::Tabs;

/// How often the page asks where the stream of changes is cut.
const POLL_MS: u32 = 5_000;

/// The session; copies are the same one.
#[derive(Clone, Copy)]
pub struct Session {
    /// As the service sees it.
    pub view: RwSignal<SessionView>,
    /// Where it is in its life.
    pub state: Memo<SessionState>,
    /// Seconds left, while its time runs.
    pub seconds: RwSignal<Option<u32>>,
    /// How the start goes.
    pub phases: RwSignal<Phases>,
    /// Why the service can't be asked, while it can't.
    pub unreachable: RwSignal<Option<Failure>>,
    /// The service does not know the session any more.
    pub gone: RwSignal<bool>,
    /// The way through the guide.
    pub guide: RwSignal<Guide>,
    /// The terminals.
    pub tabs: Tabs,
    /// The visit that it belongs to.
    pub visit: Visit,
    countdown: StoredValue<Option<Countdown>>,
    entered: StoredValue<Vec<String>>,
    key: StoredValue<Key>,
}

impl Session {
    /// The session of `key`, which is as in `view`. Follows its changes until it ends.
    pub fn new(visit: Visit, key: Key, view: SessionView) -> Self {
        let view = RwSignal::new(view);
        let session = Session {
            view,
            state: Memo::new(move |_| view.with(|view| view.state)),
            seconds: RwSignal::new(None),
            phases: RwSignal::new(Phases::new(time::now())),
            unreachable: RwSignal::new(None),
            gone: RwSignal::new(false),
            guide: RwSignal::new(Guide::default()),
            tabs: Tabs::new(key.clone()),
            visit,
            countdown: StoredValue::new(None),
            entered: StoredValue::new(Vec::new()),
            key: StoredValue::new(key),
        };
        session.take(view.get_untracked());
        session.tabs.when_stopped(move |code| session.terminal_stopped(code));
        spawn_local(session.follow());
        spawn_local(session.tick());
        session
    }

    /// The key to it.
    pub fn key(self) -> Key {
        self.key.get_value()
    }

    /// A new view came.
    fn take(self, view: SessionView) {
        let now = time::now();
        self.unreachable.set(None);
        self.countdown.set_value(view.remaining_ms.map(|remaining| Countdown::new(remaining, now)));
        self.phases.update(|phases| match (view.state, &view.phase) {
            (SessionState::Running, _) => phases.finish(now),
            (SessionState::Starting, Some(phase)) => phases.step(phase.step, now),
            _ => {}
        });
        self.visit.tutorial.with_untracked(|tutorial| {
            let pages = tutorial.as_ref().map_or(&[][..], |tutorial| &tutorial.pages);
            self.guide.update(|guide| guide.merge(&view.progress, pages));
        });
        for terminal in &view.terminals {
            if !self.tabs.open.with_untracked(|open| open.contains(&terminal.n)) {
                self.tabs.open.update(|open| open.push(terminal.n));
            }
        }
        self.view.set(view);
        self.count();
    }

    /// Follows the changes: by the stream, and by asking where that is cut.
    async fn follow(self) {
        while let Some(key) = self.key.try_get_value() {
            let seen = move |view: SessionView| {
                let alive = self.view.try_get_untracked().is_some();
                if alive {
                    self.take(view);
                }
                alive && !self.is_over()
            };
            let streamed = updates::follow(&key, seen).await;
            if self.settle(streamed) || self.settle(self.refresh().await) {
                return;
            }
            time::sleep(POLL_MS).await;
        }
    }

    /// Asks for the view.
    async fn refresh(self) -> Answer<()> {
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
    async fn tick(self) {
        while self.view.try_get_untracked().is_some() && !self.is_over() {
            self.count();
            time::sleep(1_000).await;
        }
    }

    fn count(self) {
        let seconds =
            self.countdown.get_value().map(|countdown| countdown.seconds_left(time::now()));
        let before = self.seconds.get_untracked();
        if seconds == before {
            return;
        }
        self.seconds.set(seconds);
        if let (Some(before), Some(seconds)) = (before.map(urgency), seconds)
            && before != urgency(seconds)
        {
            match urgency(seconds) {
                Urgency::Calm => {}
                Urgency::Soon => self.visit.said.set("Five minutes left.".to_owned()),
                Urgency::Last => self.visit.said.set("One minute left.".to_owned()),
            }
        }
    }

    fn terminal_stopped(self, code: CloseCode) {
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

    /// Does something with the session and takes the view that comes back.
    fn call(
        self,
        call: impl Future<Output = Answer<SessionView>> + 'static,
        failed: RwSignal<Option<Failure>>,
    ) {
        spawn_local(async move {
            match call.await {
                Ok(view) => {
                    failed.try_set(None);
                    if self.view.try_get_untracked().is_some() {
                        self.take(view);
                    }
                }
                Err(failure) => {
                    failed.try_set(Some(failure));
                }
            }
        });
    }

    /// Takes the place that the queue offers.
    pub fn claim(self, failed: RwSignal<Option<Failure>>) {
        let key = self.key();
        self.call(async move { key.claim().await }, failed);
    }

    /// Asks for more time.
    pub fn extend(self, failed: RwSignal<Option<Failure>>) {
        let key = self.key();
        self.call(async move { key.extend().await }, failed);
    }

    /// Ends the session.
    pub fn end(self, failed: RwSignal<Option<Failure>>) {
        let key = self.key();
        let end = async move {
            key.end().await?;
            key.view().await
        };
        self.call(end, failed);
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

    /// Runs the scripts of a page, once.
    pub fn enter(self, page: &str) {
        if self.entered.with_value(|entered| entered.iter().any(|id| id == page)) {
            return;
        }
        self.entered.update_value(|entered| entered.push(page.to_owned()));
        let (key, page) = (self.key(), page.to_owned());
        spawn_local(async move {
            if key.enter(&page).await.is_err() {
                // The next time the page is turned to is a new chance.
                self.entered.try_update_value(|entered| entered.retain(|id| *id != page));
            }
        });
    }

    /// Runs a command of a page.
    pub fn run(self, page: &str, code: &Code, exec: Exec) {
        self.tabs.run(code, exec);
        if !self.guide.with_untracked(|guide| guide.has_run(page, code.id)) {
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
