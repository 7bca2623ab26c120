//! The bar of a session: where one is, how much time is left, more time, the end.

use leptos::prelude::*;

use super::ask::{Question, ask};
use super::dots::Dots;
use super::more::More;
use crate::browser::time;
use crate::components::ui::{click, flag, maybe, text};
use crate::logic::clock::{Urgency, minutes, urgency};
use crate::state::Session;

const END: Question =
    Question { label: "End", question: "End the session?", yes: "End now", no: "Keep it" };

/// The bar. While one waits for a place there is nothing to end and nothing to set.
#[component]
pub fn Bar() -> impl IntoView {
    let session = expect_context::<Session>();
    let mark = (!session.visit.framed).then(|| view! { <a class="mark" href="/">"tryit"</a> });
    let title = session
        .visit
        .tutorial
        .with_untracked(|tutorial| Some(tutorial.as_ref()?.summary.title.clone()));
    let waits = Memo::new(move |_| session.waits());
    let running = maybe(move || {
        let end = ask(session, &END);
        (!waits.get()).then(|| view! { <Clock/><MoreTime/>{end}<More/> }.into_any())
    });
    view! {
        <header class="bar">
            {mark}
            {title.map(|title| view! { <span class="title">{title}</span> })}
            <Dots/>
            <span class="grow"></span>
            {running}
        </header>
    }
}

/// The time left, by the service's clock.
#[component]
fn Clock() -> impl IntoView {
    let session = expect_context::<Session>();
    let left = text(move || {
        session.seconds.get().map(|left| format!("{} left", minutes(left))).unwrap_or_default()
    });
    let ends = text(move || {
        let ends = session.view.with(|view| view.expires_at.as_deref().map(time::hour));
        ends.map(|hour| format!("Ends at {hour}")).unwrap_or_default()
    });
    let is = move |at: Urgency| {
        flag(move || session.seconds.get().is_some_and(|left| urgency(left) == at))
    };
    view! { <span class="time" class:soon=is(Urgency::Soon) class:last=is(Urgency::Last) title=ends>{left}</span> }
}

/// More time, while the rules allow it. On a narrow screen it stands in the menu until time runs out.
#[component]
pub fn MoreTime() -> impl IntoView {
    let session = expect_context::<Session>();
    let can = Memo::new(move |_| {
        session.view.with(|view| view.extensions_left > 0 && view.expires_at.is_some())
    });
    let left = text(move || match session.view.with(|view| view.extensions_left) {
        2.. => format!("{} times more", session.view.with(|view| view.extensions_left)),
        _ => "Once more".to_owned(),
    });
    let busy = flag(move || session.busy.get());
    maybe(move || {
        can.get().then(|| {
            let extend = click(move || session.extend());
            view! { <button class="quiet more-time" disabled=busy title=left on:click=extend>"More time"</button> }
                .into_any()
        })
    })
}
