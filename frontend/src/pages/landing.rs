//! Before a start: what one will do, for how long, on which terms, and one button.

use leptos::prelude::*;

use shared::tutorial::TutorialSummary;

use crate::browser::storage::Keeps;
use crate::components::ui::text;
use crate::components::{Facts, Header, Outline, Poster, Start, Terms, Tutorials};
use crate::state::Visit;

/// The landing page of a tutorial.
#[component]
pub fn LandingPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let summary = move |take: fn(&TutorialSummary) -> Option<String>, otherwise: &'static str| {
        text(move || {
            let taken = visit.tutorial.with(|tutorial| take(&tutorial.as_ref()?.summary));
            taken.unwrap_or_else(|| otherwise.to_owned())
        })
    };
    let title = summary(|summary| Some(summary.title.clone()), "A machine of your own");
    let lead = summary(
        |summary| summary.description.clone(),
        "A root shell in a fresh Linux container, beside a guide, in this page.",
    );
    let nothing_kept = (visit.keeps == Keeps::Page).then(|| {
        view! {
            <p class="fine warn">
                "Your browser blocks storage here, so reloading this page would lose the session."
            </p>
        }
    });
    view! {
        <Header/>
        <main>
            <div class="hero">
                <div class="pitch">
                    <h1>{title}</h1>
                    <p class="lead">{lead}</p>
                    <Facts/>
                    <Terms/>
                    <Start/>
                    {nothing_kept}
                </div>
                <Poster/>
            </div>
            <Outline/>
            {(!visit.framed).then(|| view! { <Tutorials/> })}
        </main>
    }
}
