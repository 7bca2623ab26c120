//! What one gets, in a few words.

use leptos::prelude::*;

use crate::components::ui::maybe;
use crate::logic::clock::in_words;
use crate::state::Visit;

/// Root shell, how long, no sign-up.
#[component]
pub fn Facts() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let duration = move || {
        visit.status.with(|status| match status {
            Some(Ok(status)) => Some(in_words(status.duration_seconds)),
            _ => None,
        })
    };
    let difficulty =
        move || visit.tutorial.with(|tutorial| tutorial.as_ref()?.summary.difficulty.clone());
    let item = |text: String| view! { <li>{text}</li> }.into_any();
    view! {
        <ul class="facts">
            <li>"Root shell"</li>
            {maybe(move || duration().map(item))}
            <li>"No sign-up"</li>
            {maybe(move || difficulty().map(item))}
        </ul>
    }
}
