//! After a session: what happened, a new start, the feedback, what to take along.

use leptos::prelude::*;
use shared::session::EndedReason;

use crate::browser::page;
use crate::components::feedback::FeedbackForm;
use crate::components::{Header, trouble};
use crate::logic::words;
use crate::state::{Session, Visit};

/// The end page.
#[component]
pub fn EndedPage() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let session = expect_context::<Session>();
    let view = session.view.get_untracked();
    // A service that ends a session always says why; one that does not has lost the container.
    let ran = view.running_at.is_some();
    let words = words::ended(view.ended_reason.unwrap_or(EndedReason::ContainerStopped), ran);
    visit.said.set(words.title.to_owned());
    page::set_title(&format!("{} · tryit", words.title));
    let act = move |_| visit.start_over(&view.id);
    let asks = ran && !visit.no_feedback.get_untracked();
    let action =
        visit.tutorial.with_untracked(|tutorial| tutorial.as_ref()?.call_to_action.clone());
    view! {
        <Header/>
        <main class="alone ended">
            {trouble(words, act)}
            {action.map(|action| view! {
                <p><a class="button" href=action.url target="_blank" rel="noopener">{action.text}</a></p>
            })}
            {asks.then(|| view! {
                <section class="card" aria-labelledby="feedback-title">
                    <h2 id="feedback-title">"How was it?"</h2>
                    <FeedbackForm recall=true/>
                </section>
            })}
        </main>
    }
}
