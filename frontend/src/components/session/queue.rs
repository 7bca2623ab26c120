//! The queue: how many wait before, until when a place is held, and the claim of it.

use leptos::prelude::*;
use shared::session::SessionState;

use crate::browser::api::Failure;
use crate::browser::{page, time};
use crate::components::ui::{click, dynamic, effect, maybe, text};
use crate::components::warning;
use crate::logic::clock::in_words;
use crate::state::Session;

/// Stands where the terminal will be.
#[component]
pub fn QueuePane() -> impl IntoView {
    let session = expect_context::<Session>();
    let failed = RwSignal::new(None::<Failure>);
    let offered = Memo::new(move |_| session.state.get() == SessionState::Offered);
    let claim = move || {
        if offered.get_untracked() && page::is_visible() {
            session.claim(failed);
        }
    };
    // Seen, the page takes the place by itself; hidden, it says so in the tab's title and waits to be seen.
    let seen = window_event_listener_untyped("visibilitychange", move |_| claim());
    on_cleanup(move || seen.remove());
    effect(move || {
        if offered.get() {
            page::set_title("● Your place is ready · tryit");
            session.visit.said.set("Your place is ready.".to_owned());
            claim();
        }
    });
    let state =
        dynamic(move || if offered.get() { ready(session, failed) } else { waiting(session) });
    let refusal = maybe(move || failed.get().map(|failure| warning(failure.words(), None)));
    view! {
        <section class="term waiting" aria-label="Queue">
            <div class="card dark" role="status">{state}{refusal}</div>
        </section>
    }
}

/// A place is held.
fn ready(session: Session, failed: RwSignal<Option<Failure>>) -> AnyView {
    let held = text(move || {
        let left = session
            .view
            .with(|view| time::between(&view.server_time, view.offer_until.as_deref()?));
        left.map(|left| format!("It is held for {}.", in_words((left / 1000.0).max(0.0) as u64)))
            .unwrap_or_default()
    });
    view! {
        <h1>"Your place is ready."</h1>
        <p>{held}</p>
        <button class="primary" on:click=click(move || session.claim(failed))>"Take it"</button>
    }
    .into_any()
}

/// How long it may take.
fn waiting(session: Session) -> AnyView {
    let place = text(move || match session.view.with(|view| view.position) {
        Some(1) => "You are the next.".to_owned(),
        Some(position) => format!("You are number {position}."),
        None => "You are in the queue.".to_owned(),
    });
    let eta = text(move || {
        let eta = session.view.with(|view| view.eta_seconds);
        eta.map(|eta| format!("About {} to go.", in_words(eta))).unwrap_or_default()
    });
    view! {
        <h1>{place}</h1>
        <p>{eta}</p>
        <p class="quiet-line">
            "Keep this page open; it takes your place as soon as there is one. The guide can be read meanwhile."
        </p>
    }
    .into_any()
}
