//! A session: the queue, or the guide beside the terminal, or its end.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use leptos::prelude::*;
use shared::session::{SessionState, SessionView};

use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::ended::EndedPage;
use crate::browser::api::Key;
use crate::browser::page;
use crate::components::session::kept_width;
use crate::components::session::{Bar, Divider, KeyRow, Line, Peek, QueuePane, Switch};
use crate::components::terminal::TerminalPane;
use crate::components::ui::{dynamic, effect, flag, text};
use crate::components::{Guide, Header, trouble};
use crate::logic::queue::title;
use crate::logic::words;
use crate::state::{Session, Visit};
use shared::ErrorCode;

/// The page of a session, from the start to the end. Everything that only a session needs is a file of its own,
/// which [`load`] fetches: the landing page stays small.
#[wasm_split(session, fallible, preload(load))]
pub fn open(key: Key, view: SessionView) -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <SessionPage key view/> }.into_any())
}

/// The page of a session, once it is loaded.
pub fn loaded(key: Key, view: SessionView) -> Option<AnyView> {
    let opened = pin!(open(key, view)).poll(&mut Context::from_waker(Waker::noop()));
    match opened {
        Poll::Ready(page) => page.ok(),
        Poll::Pending => None,
    }
}

#[component]
fn SessionPage(
    /// The key to it.
    key: Key,
    /// The session as it was when the page was opened.
    view: SessionView,
) -> impl IntoView {
    let visit = expect_context::<Visit>();
    let id = view.id.clone();
    let session = Session::new(visit, key, view);
    provide_context(session);
    // From the queue to the end all is laid out alike: who reads the guide must not lose the place in it, nor the
    // terminal be made anew.
    let layout = Memo::new(move |_| layout(session.gone.get(), session.state.get()));
    effect(move || {
        // The end has a title of its own.
        if session.state.get() != SessionState::Ended {
            let told = session.view.with(title).map(|told| format!("{told} · tryit"));
            page::set_title(&told.unwrap_or_else(|| visit.title()));
        }
    });
    dynamic(move || match layout.get() {
        Layout::Gone => {
            let id = id.clone();
            let words = words::error(ErrorCode::Unauthorized);
            let act = move |_| visit.start_over(&id);
            view! { <Header/><main class="alone">{trouble(words, act)}</main> }.into_any()
        }
        Layout::Ended => view! { <EndedPage/> }.into_any(),
        Layout::Work => view! { <Workplace/> }.into_any(),
    })
}

/// What the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// The service does not know the session.
    Gone,
    /// The guide, and beside it the queue or the terminal.
    Work,
    /// What happened, and what comes next.
    Ended,
}

fn layout(gone: bool, state: SessionState) -> Layout {
    match state {
        _ if gone => Layout::Gone,
        SessionState::Ended => Layout::Ended,
        _ => Layout::Work,
    }
}

/// The guide beside the terminal; on a narrow screen, one of them with the other in reach.
#[component]
fn Workplace() -> impl IntoView {
    let session = expect_context::<Session>();
    let terminal = RwSignal::new(true);
    let guided = session.visit.tutorial.with_untracked(Option::is_some);
    // On a narrow screen the start is watched where the terminal will be; then the guide comes first.
    let chosen = StoredValue::new(false);
    effect(move || {
        if session.state.get() == SessionState::Running && guided && !chosen.get_value() {
            chosen.set_value(true);
            terminal.set(false);
        }
    });
    let width = kept_width();
    let waits = Memo::new(move |_| session.waits());
    let pane = dynamic(move || match waits.get() {
        true => view! { <QueuePane/> }.into_any(),
        false => view! { <TerminalPane/> }.into_any(),
    });
    let guide = guided.then(|| view! { <Guide/><Divider width/> }.into_any());
    let switch = guided.then(|| view! { <Peek terminal/><Switch terminal chosen/> }.into_any());
    let share = text(move || format!("--guide:{}.{}%", width.get() / 10, width.get() % 10));
    view! {
        <div class="app" class:terminal-first=flag(move || terminal.get()) class:queued=flag(move || waits.get())>
            <Bar/>
            <Line terminal/>
            <main class="split" class:unguided=!guided style=share>{guide}{pane}</main>
            <KeyRow/>
            {switch}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_stays_from_the_queue_to_the_end() {
        for state in [SessionState::Queued, SessionState::Offered, SessionState::Starting] {
            assert_eq!(layout(false, state), layout(false, SessionState::Running));
            assert_eq!(layout(true, state), Layout::Gone);
        }
        assert_eq!(layout(false, SessionState::Ended), Layout::Ended);
    }
}
