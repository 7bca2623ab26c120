//! What one will do: the tutorial's steps.

use leptos::prelude::*;

use crate::components::ui::maybe;
use crate::state::Visit;

/// The titles of the steps.
#[component]
pub fn Outline() -> impl IntoView {
    let visit = expect_context::<Visit>();
    maybe(move || {
        let tutorial = visit.tutorial.get()?;
        let summary = &tutorial.summary;
        let steps: Vec<_> =
            summary.steps.iter().map(|step| view! { <li>{step.clone()}</li> }).collect();
        let time =
            summary.time.clone().map(|time| view! { <span class="muted">" · "{time}</span> });
        (!steps.is_empty()).then(|| {
            view! { <section class="outline"><h2>"What you will do"{time}</h2><ol>{steps}</ol></section> }.into_any()
        })
    })
}
