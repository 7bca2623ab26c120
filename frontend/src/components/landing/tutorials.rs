//! The other tutorials of this service.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tutorial::TutorialSummary;

use crate::browser::api;
use crate::components::ui::maybe;
use crate::state::Visit;

/// A list of links; nothing where there is only the one that is shown.
#[component]
pub fn Tutorials() -> impl IntoView {
    let shown = use_context::<Visit>();
    let tutorials = RwSignal::new(Vec::<TutorialSummary>::new());
    spawn_local(async move {
        if let Ok(list) = api::tutorials().await {
            tutorials.try_set(list);
        }
    });
    maybe(move || {
        let slug = shown.and_then(Visit::slug);
        let others: Vec<_> = tutorials
            .get()
            .into_iter()
            .filter(|other| Some(&other.slug) != slug.as_ref())
            .map(other)
            .collect();
        (!others.is_empty()).then(|| {
            view! { <section class="others" id="tutorials"><h2>"More to try"</h2><ul>{others}</ul></section> }.into_any()
        })
    })
}

fn other(tutorial: TutorialSummary) -> AnyView {
    let description = tutorial.description.unwrap_or_default();
    view! {
        <li>
            <a href=format!("/t/{}", tutorial.slug)>
                <strong>{tutorial.title}</strong>
                <span class="muted">{description}</span>
            </a>
        </li>
    }
    .into_any()
}
