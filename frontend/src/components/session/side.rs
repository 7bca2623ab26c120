//! On a narrow screen the guide and the terminal are two views of one screen.

use leptos::prelude::*;
use shared::session::SessionState;

use crate::components::ui::{click, effect, flag, state, text};
use crate::logic::queue::{estimate, place};
use crate::state::Session;

/// The switch between them.
#[component]
pub fn Switch(
    /// Whether the terminal is shown, not the guide.
    terminal: RwSignal<bool>,
    /// Whether the visitor chose.
    chosen: StoredValue<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let waits = Memo::new(move |_| session.waits());
    let side = text(move || if waits.get() { "Queue" } else { "Terminal" }.to_owned());
    let button = move |to: bool, label: Signal<String>| {
        let on = flag(move || terminal.get() == to);
        let choose = click(move || {
            chosen.set_value(true);
            terminal.set(to);
            if to && !waits.get_untracked() {
                session.tabs.focus();
            }
        });
        view! { <button class:on=on aria-pressed=state(on) on:click=choose>{label}</button> }
    };
    view! {
        <nav class="switch" aria-label="View">{button(false, text(|| "Guide".to_owned()))}{button(true, side)}</nav>
    }
}

/// The terminal's last lines below the guide. They grow when a command runs, so that one sees what happened.
#[component]
pub fn Peek(
    /// Whether the terminal is shown, not the guide.
    terminal: RwSignal<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let grown = RwSignal::new(false);
    let seen = StoredValue::new(session.tabs.runs.get_untracked());
    effect(move || {
        let runs = session.tabs.runs.get();
        if runs != seen.get_value() {
            seen.set_value(runs);
            grown.set(true);
        }
    });
    let page = Memo::new(move |_| session.guide.with(|guide| guide.page()));
    effect(move || {
        terminal.track();
        page.track();
        grown.set(false);
    });
    let lines = text(move || match session.state.get() {
        SessionState::Queued => session
            .view
            .with(|view| format!("{}\n{}", place(view.position), estimate(view.eta_seconds))),
        SessionState::Running => session.tabs.terminal(session.tabs.active.get()).face().peek.get(),
        _ => session
            .view
            .with(|view| view.phase.as_ref().map(|phase| phase.message.clone()))
            .unwrap_or_default(),
    });
    let show = click(move || terminal.set(true));
    let show_label =
        text(move || format!("Show the {}", if session.waits() { "queue" } else { "terminal" }));
    view! {
        <button class="peek" class:grown=flag(move || grown.get()) on:click=show>
            <span class="sr">{show_label}</span>
            <span aria-hidden="true">{lines}</span>
        </button>
    }
}
