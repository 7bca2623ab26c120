//! What is needed seldom: a fresh container, feedback, screen readers, a second session.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::session::SessionState;
use shared::tutorial::Code;

use super::bar::MoreTime;
use super::link;
use super::reset::Reset;
use crate::components::command;
use crate::components::feedback::FeedbackForm;
use crate::components::ui::{click, flag, maybe, state, text};
use crate::state::Session;

/// A button that opens a menu. The browser closes it by itself: on Escape, or on a click elsewhere.
#[component]
pub fn More() -> impl IntoView {
    let session = expect_context::<Session>();
    let reader = session.tabs.screen_reader;
    let toggle = click(move || reader.update(|on| *on = !*on));
    let on = flag(move || reader.get());
    let word = text(move || if on.get() { "on" } else { "off" }.to_owned());
    let second = match session.visit.slug() {
        Some(slug) => format!("/t/{slug}?another=1"),
        None => "/?another=1".to_owned(),
    };
    let name = maybe(move || {
        let name = session.view.with(|view| view.name.clone())?;
        Some(view! { <p class="fine">"Container "<code>{name}</code></p> }.into_any())
    });
    let running = Memo::new(move |_| session.state.get() == SessionState::Running);
    let (owner, linking) = (Owner::current(), RwSignal::new_local(None));
    let open = move || {
        let parts = link::Parts {
            owner: owner.clone().unwrap_or_default(),
            own: session.key(),
            others: session.visit.others(&session.key().id),
            command: Arc::new(move |text| {
                let code = Code { id: 0, text, html: None, lang: None, copy: true, exec: None };
                command(session, "", &code)
            }),
        };
        spawn_local(async move { drop(linking.try_set(link::open(parts).await.ok())) });
    };
    let runs = maybe(move || {
        let link = || view! { <button popovertarget="link" on:click=click(open.clone())>"Link with another session"</button> };
        let item = || {
            let link = session.view.with_untracked(|view| view.may_link).then(link);
            view! { <button popovertarget="reset">"Take a fresh container"</button>{link} }
        };
        running.get().then(|| item().into_any())
    });
    let dialog = maybe(move || {
        linking.track();
        linking.try_update_untracked(Option::take)?
    });
    view! {
        <button class="quiet icon" popovertarget="more" aria-label="More">"⋯"</button>
        <div class="menu" id="more" popover="auto">
            {name}
            <MoreTime/>
            {runs}
            <button popovertarget="feedback">"Leave feedback"</button>
            <a href=second target="_blank" rel="noopener">"Open a second session"</a>
            <button role="switch" aria-checked=state(on) on:click=toggle>
                "Screen reader support"
                <span class="muted">{word}</span>
            </button>
            <p class="fine">
                "In the terminal: "<kbd>"Ctrl"</kbd>" "<kbd>"F6"</kbd>" goes back to the guide, "
                <kbd>"Ctrl"</kbd>" "<kbd>"Shift"</kbd>" "<kbd>"C"</kbd>" and "<kbd>"V"</kbd>" copy and paste."
            </p>
        </div>
        <div class="menu wide" id="feedback" popover="auto" role="dialog" aria-label="Feedback">
            <h2>"How is it?"</h2>
            <FeedbackForm recall=false/>
        </div>
        <div class="menu wide middle" id="link" popover="auto" role="dialog" aria-labelledby="link-title">
            <h2 id="link-title">"Link two sessions"</h2>
            {dialog}
        </div>
        <Reset/>
    }
}
