//! The queue: where one stands, how long it may take, how one hears of a place, and the claim of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::session::SessionState;

use super::ask::{Question, ask};
use super::hear::Hear;
use crate::browser::page;
use crate::browser::tell::{chime, notify};
use crate::components::ui::{click, dynamic, effect, flag, text};
use crate::engine;
use crate::logic::clock::minutes;
use crate::logic::queue::{estimate, place};
use crate::state::Session;

const LEAVE: Question = Question {
    label: "Leave the queue",
    question: "Give up your place?",
    yes: "Leave",
    no: "Stay",
};
const READY: &str = "Your place is ready.";

/// Stands where the terminal will be.
#[component]
pub fn QueuePane() -> impl IntoView {
    let session = expect_context::<Session>();
    let sound = super::hear::kept_sound();
    let offered = Memo::new(move |_| session.state.get() == SessionState::Offered);
    // Seen, the page takes the place by itself; hidden, it tells and waits to be seen.
    let claim = move || {
        if offered.get_untracked() && page::is_visible() {
            session.claim();
        }
    };
    let seen = window_event_listener_untyped("visibilitychange", move |_| claim());
    on_cleanup(move || seen.remove());
    effect(move || {
        if offered.get() {
            session.visit.said.set(READY.to_owned());
            if sound.get_untracked() {
                chime();
            }
            if !page::is_visible() {
                notify(READY);
            }
            claim();
        }
    });
    // So that the prompt comes as soon as there is a place, also after a reload.
    spawn_local(async {
        engine::load().await;
    });
    let state =
        dynamic(move || if offered.get() { ready(session) } else { waiting(session, sound) });
    view! { <section class="term waiting" aria-label="Queue">{state}</section> }
}

/// A place is held.
fn ready(session: Session) -> AnyView {
    let held = text(move || session.seconds.get().map(minutes).unwrap_or_default());
    let busy = flag(move || session.busy.get());
    let label = text(move || if busy.get() { "Taking it…" } else { "Take it" }.to_owned());
    view! {
        <h1>{READY}</h1>
        <p>"It is held for you for "<strong class="held">{held}</strong>" more."</p>
        <button class="primary" disabled=busy on:click=click(move || session.claim())>{label}</button>
    }
    .into_any()
}

/// How long it may take, and what one can do meanwhile.
fn waiting(session: Session, sound: RwSignal<bool>) -> AnyView {
    let stand = text(move || session.view.with(|view| place(view.position)));
    let wait = text(move || session.view.with(|view| estimate(view.eta_seconds)));
    view! {
        <div role="status"><h1>{stand}</h1></div>
        <p>{wait}</p>
        <p class="quiet-line">
            "Keep this page open: it takes your place by itself, and after a reload you are where you were. "
            "The guide can be read meanwhile."
        </p>
        <Hear sound/>
        {ask(session, &LEAVE)}
    }
    .into_any()
}
