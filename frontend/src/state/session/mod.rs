//! A session: its view as the service streams it, the countdown, the way through the guide, the terminals.

mod acts;
mod follow;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::session::{SessionState, SessionView};

use super::Visit;
use crate::browser::api::{Failure, Key};
use crate::browser::time;
use crate::logic::clock::{Countdown, urgency, warning};
use crate::logic::guide::Guide;
use crate::logic::phases::Phases;
use crate::terminal::{Tabs, Terminal};

/// The session; copies are the same one.
#[derive(Clone, Copy)]
pub struct Session {
    /// As the service sees it.
    pub view: RwSignal<SessionView>,
    /// Where it is in its life.
    pub state: Memo<SessionState>,
    /// The name of its container, once there is one. A reset gives it another one.
    pub container: Memo<Option<String>>,
    /// Seconds left of its time, or of an offered place.
    pub seconds: RwSignal<Option<u32>>,
    /// How the start goes.
    pub phases: RwSignal<Phases>,
    /// Why the service can't be asked, while it can't.
    pub unreachable: RwSignal<Option<Failure>>,
    /// Why the last thing that was asked for was refused, until the next one or until it was read.
    pub refused: RwSignal<Option<Failure>>,
    /// Whether something was asked for and not answered yet.
    pub busy: RwSignal<bool>,
    /// The service does not know the session any more.
    pub gone: RwSignal<bool>,
    /// The way through the guide.
    pub guide: RwSignal<Guide>,
    /// The terminals.
    pub tabs: Tabs,
    /// The visit that it belongs to.
    pub visit: Visit,
    countdown: StoredValue<Option<Countdown>>,
    /// The pages whose scripts ran, with the container that they ran in.
    entered: StoredValue<Vec<(Option<String>, String)>>,
    key: StoredValue<Key>,
}

impl Session {
    /// The session of `key`, which is as in `view`. Follows its changes until it ends.
    pub fn new(visit: Visit, key: Key, view: SessionView) -> Self {
        let view = RwSignal::new(view);
        let session = Session {
            view,
            state: Memo::new(move |_| view.with(|view| view.state)),
            container: Memo::new(move |_| view.with(|view| view.name.clone())),
            seconds: RwSignal::new(None),
            phases: RwSignal::new(Phases::new(time::now())),
            unreachable: RwSignal::new(None),
            refused: RwSignal::new(None),
            busy: RwSignal::new(false),
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

    /// Whether it waits for a place: the guide can be read, and nothing can be run.
    pub fn waits(self) -> bool {
        matches!(self.state.get(), SessionState::Queued | SessionState::Offered)
    }

    /// A new view came.
    fn take(self, view: SessionView) {
        let now = time::now();
        self.unreachable.set(None);
        let held = || time::between(&view.server_time, view.offer_until.as_deref()?);
        let left = view.remaining_ms.or_else(|| held().map(|held| held.max(0.0) as u64));
        self.countdown.set_value(left.map(|left| Countdown::new(left, now)));
        self.phases.update(|phases| match view.state {
            SessionState::Running => phases.finish(now),
            SessionState::Starting => {
                phases.begin(now);
                if let Some(phase) = &view.phase {
                    phases.step(phase.step, now);
                }
            }
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
        if self.view.with_untracked(|before| before.name.is_some() && before.name != view.name) {
            self.tabs.each(|_, terminal: &Terminal| terminal.replaced());
        }
        self.view.set(view);
        self.count();
    }

    /// Counts down, and warns when little time is left.
    fn count(self) {
        let seconds =
            self.countdown.get_value().map(|countdown| countdown.seconds_left(time::now()));
        let before = self.seconds.get_untracked();
        if seconds == before {
            return;
        }
        self.seconds.set(seconds);
        if let (Some(before), Some(seconds)) = (before, seconds)
            && self.view.with_untracked(|view| view.expires_at.is_some())
            && let Some(warning) = warning(urgency(before), urgency(seconds))
        {
            self.visit.said.set(warning.to_owned());
        }
    }
}
