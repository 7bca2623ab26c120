//! What one gets, in a few words.

use leptos::prelude::*;

use crate::components::ui::maybe;
use crate::state::Visit;

/// Root shell, how long, no sign-up.
#[component]
pub fn Facts() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let item = |text: String| (!text.is_empty()).then(|| view! { <li>{text}</li> }.into_any());
    let difficulty =
        move || visit.tutorial.with(|tutorial| tutorial.as_ref()?.summary.difficulty.clone());
    view! {
        <ul class="facts">
            <li>"Root shell"</li>
            {maybe(move || item(visit.duration.get()))}
            <li>"No sign-up"</li>
            {maybe(move || item(difficulty()?))}
        </ul>
    }
}
