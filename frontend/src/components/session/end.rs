//! Ends the session, in two steps and without a dialog.

use leptos::prelude::*;

use crate::browser::page;
use crate::components::ui::{click, dynamic, text};
use crate::state::Session;

/// The button that asks once more.
#[component]
pub fn End() -> impl IntoView {
    let session = expect_context::<Session>();
    let asking = RwSignal::new(false);
    let failed = RwSignal::new(None);
    let ask = move |ask: bool| {
        asking.set(ask);
        request_animation_frame(move || page::focus(if ask { "end-now" } else { "end" }));
    };
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            ask(false);
        }
    };
    let question = text(move || {
        if failed.with(Option::is_some) { "That did not work." } else { "End the session?" }
            .to_owned()
    });
    dynamic(move || {
        if !asking.get() {
            let end = click(move || ask(true));
            return view! { <button class="quiet" id="end" on:click=end>"End"</button> }.into_any();
        }
        let end = click(move || session.end(failed));
        let keep = click(move || ask(false));
        view! {
            <span class="ask" role="group" aria-label="End the session?" on:keydown=escape>
                <span class="question">{question}</span>
                <button class="danger" id="end-now" on:click=end>"End now"</button>
                <button class="quiet" on:click=keep>"Keep it"</button>
            </span>
        }
        .into_any()
    })
}
