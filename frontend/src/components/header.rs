//! The bar above pages that are not a session.

use leptos::prelude::*;

use crate::state::Visit;

/// The brand; inside another site's page there is none.
#[component]
pub fn Header() -> impl IntoView {
    let framed = use_context::<Visit>().is_some_and(|visit| visit.framed);
    (!framed).then(|| {
        view! {
            <header class="bar">
                <a class="mark" href="/">"tryit"</a>
            </header>
        }
    })
}
