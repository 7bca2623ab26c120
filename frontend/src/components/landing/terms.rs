//! The terms: one line that opens in place.

use leptos::prelude::*;
use shared::ErrorCode;

use crate::browser::api::Failure;
use crate::components::ui::{flag, text};
use crate::state::Visit;

/// What is accepted by starting.
#[component]
pub fn Terms() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let html = text(move || visit.terms.get());
    // Changed terms are shown, not hidden behind the line.
    let outdated = flag(move || {
        visit.refusal.with(|refusal| {
            refusal.as_ref().and_then(Failure::code) == Some(ErrorCode::TermsOutdated)
        })
    });
    view! {
        <details class="terms" open=outdated>
            <summary>"By starting you accept the terms"</summary>
            // A keyboard must be able to scroll it.
            <div class="prose" tabindex="0" role="region" aria-label="Terms" inner_html=html></div>
        </details>
    }
}
