//! Asks once more before the session ends, in its place and without a dialog.

use leptos::prelude::*;

use crate::browser::page;
use crate::components::ui::{click, dynamic};
use crate::state::Session;

/// The words of a question.
#[derive(Debug)]
pub struct Question {
    /// What the button says.
    pub label: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// Do it.
    pub yes: &'static str,
    /// Do not.
    pub no: &'static str,
}

/// A button that asks, and ends the session (or leaves the queue) on a yes. There is one on a page.
pub fn ask(session: Session, words: &'static Question) -> AnyView {
    let asking = RwSignal::new(false);
    let turn = move |to: bool| {
        asking.set(to);
        request_animation_frame(move || page::focus(if to { "ask-yes" } else { "ask" }));
    };
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            turn(false);
        }
    };
    dynamic(move || {
        if !asking.get() {
            let open = click(move || turn(true));
            return view! { <button class="quiet" id="ask" on:click=open>{words.label}</button> }
                .into_any();
        }
        let keep = click(move || turn(false));
        view! {
            <span class="ask" role="group" aria-label=words.question on:keydown=escape>
                <span class="question">{words.question}</span>
                <button class="danger" id="ask-yes" on:click=click(move || session.end())>{words.yes}</button>
                <button class="quiet" on:click=keep>{words.no}</button>
            </span>
        }
        .into_any()
    })
}
