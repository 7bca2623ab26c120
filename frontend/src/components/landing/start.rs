//! The one button, what is free right now, and why a start was refused.

use leptos::prelude::*;

use crate::browser::api::Failure;
use crate::components::ui::{click, flag, maybe, state, text};
use crate::components::warning;
use crate::logic::clock::in_words;
use crate::logic::words::Next;
use crate::state::Visit;

/// Accept and start.
#[component]
pub fn Start() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let closed = flag(move || visit.closed.get());
    let busy = flag(move || visit.starting.get());
    let again = move || {
        visit.refusal.with(|refusal| {
            refusal.as_ref().is_some_and(|failure| failure.words().next == Next::TryAgain)
        })
    };
    let label = text(move || {
        match (busy.get(), again()) {
            (true, _) => "Starting…",
            (false, true) => "Try again",
            (false, false) => "Accept and start",
        }
        .to_owned()
    });
    let refusal = maybe(move || {
        let failure = visit.refusal.get()?;
        Some(warning(failure.words(), detail(&failure)))
    });
    view! {
        <button class="primary big" disabled=closed aria-busy=state(busy) on:click=click(move || visit.start())>
            {label}
        </button>
        {refusal}
        <p class="fine" aria-live="polite">{visit.free}</p>
    }
}

/// What the page's own words can't cover: when to try again, or which part of the request was wrong.
fn detail(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Refused(_, Some(seconds)) => {
            Some(format!("Possible again in {}.", in_words(*seconds)))
        }
        Failure::Refused(error, None) => error.field.as_ref().map(|_| error.message.clone()),
        Failure::Offline | Failure::Unreadable => None,
    }
}
