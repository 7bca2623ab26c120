//! On a narrow screen the guide and the terminal are two views of one screen.

use leptos::prelude::*;
use shared::session::SessionState;

use crate::components::ui::{click, flag, state, text};
use crate::state::Session;

/// Which of the two is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The guide, with the terminal's last lines in sight.
    Guide,
    /// The terminal, with the key row.
    Terminal,
}

/// The switch between them.
#[component]
pub fn Switch(
    /// The one that is shown.
    side: RwSignal<Side>,
    /// Whether the visitor chose.
    chosen: StoredValue<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let button = move |to: Side, label: &'static str| {
        let on = flag(move || side.get() == to);
        let choose = click(move || {
            chosen.set_value(true);
            side.set(to);
            if to == Side::Terminal {
                session.tabs.focus();
            }
        });
        view! { <button class:on=on aria-pressed=state(on) on:click=choose>{label}</button> }
    };
    view! {
        <nav class="switch" aria-label="View">{button(Side::Guide, "Guide")}{button(Side::Terminal, "Terminal")}</nav>
    }
}

/// The terminal's last lines below the guide. They grow when a command runs, so that one sees what happened.
#[component]
pub fn Peek(
    /// The side that is shown.
    side: RwSignal<Side>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let grown = RwSignal::new(false);
    Effect::new(move |before: Option<u32>| {
        let runs = session.tabs.runs.get();
        if before.is_some_and(|before| before != runs) {
            grown.set(true);
        }
        runs
    });
    let page = Memo::new(move |_| session.guide.with(|guide| guide.page()));
    Effect::new(move |_| {
        side.track();
        page.track();
        grown.set(false);
    });
    let lines = text(move || match session.state.get() {
        SessionState::Running => session.tabs.terminal(session.tabs.active.get()).face().peek.get(),
        _ => session
            .view
            .with(|view| view.phase.as_ref().map(|phase| phase.message.clone()))
            .unwrap_or_default(),
    });
    let show = click(move || side.set(Side::Terminal));
    view! {
        <button class="peek" class:grown=flag(move || grown.get()) aria-label="Show the terminal" on:click=show>
            <span aria-hidden="true">{lines}</span>
        </button>
    }
}
