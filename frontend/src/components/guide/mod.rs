//! The guide: the page of the tutorial that is read.

mod block;
mod check;
mod command;
mod inline;
mod turn;

pub use self::command::command;

use leptos::prelude::*;
use shared::session::SessionState;
use shared::tutorial::{Tutorial, TutorialPage};

use self::block::blocks;
use self::check::check;
use self::turn::turn;
use super::ui::{effect, maybe};
use crate::state::Session;

/// The page that is read, and the way to the next.
#[component]
pub fn Guide() -> impl IntoView {
    let session = expect_context::<Session>();
    let at = Memo::new(move |_| session.guide.with(|guide| guide.page()));
    // A page's scripts run in the container: not before there is one, and again in a fresh one.
    effect(move || {
        session.container.track();
        let running = session.state.get() == SessionState::Running;
        let page = session.visit.tutorial.with(|tutorial| {
            let page = tutorial.as_ref()?.pages.get(at.get())?;
            page.enters.then(|| page.id.clone())
        });
        if let (true, Some(page)) = (running, page) {
            session.enter(&page);
        }
    });
    let body = maybe(move || {
        let (tutorial, at) = (session.visit.tutorial.get()?, at.get());
        Some(page(session, &tutorial, tutorial.pages.get(at)?, at))
    });
    view! { <article class="guide" id="guide" tabindex="-1" aria-label="Guide">{body}</article> }
}

/// One page.
fn page(session: Session, tutorial: &Tutorial, page: &TutorialPage, at: usize) -> AnyView {
    let place = match page.id.as_str() {
        "intro" => "Introduction".to_owned(),
        "finish" => "Finish".to_owned(),
        step => format!("Step {step} of {}", tutorial.summary.steps.len()),
    };
    let hint = (!page.hint.is_empty()).then(|| {
        view! { <details class="hint"><summary>"Hint"</summary>{blocks(session, &page.id, &page.hint)}</details> }
    });
    view! {
        <p class="eyebrow">{place}</p>
        <h1 id="page-title" tabindex="-1">{page.title.clone()}</h1>
        <div class="prose">{blocks(session, &page.id, &page.blocks)}</div>
        {hint}
        {check(session, page)}
        {turn(session, tutorial, at)}
    }
    .into_any()
}
