//! Checks a step, or does it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tutorial::TutorialPage;

use crate::browser::api::Failure;
use crate::components::ui::{click, flag, maybe};
use crate::components::warning;
use crate::state::Session;

/// What came of it.
#[derive(Clone)]
enum Outcome {
    /// Nothing was asked for.
    None,
    /// The check's own words. They come from a container: they are text, never HTML.
    Said { passed: bool, message: String },
    /// It could not be done.
    Failed(Failure),
}

/// The buttons below a step, and what came of them; nothing where there is nothing to check.
pub fn check(session: Session, page: &TutorialPage) -> Option<AnyView> {
    if !page.checks && !page.solves {
        return None;
    }
    let busy = RwSignal::new(String::new());
    let passed = session.guide.with_untracked(|guide| guide.has_passed(&page.id));
    let before = Outcome::Said { passed: true, message: "This step is done.".to_owned() };
    let outcome = RwSignal::new(if passed { before } else { Outcome::None });
    let checks = page.checks;
    let go = {
        let page = page.id.clone();
        move |solve: bool| {
            busy.set(if solve { "Doing it for you…" } else { "Checking…" }.to_owned());
            let page = page.clone();
            spawn_local(async move {
                outcome.try_set(run(session, &page, solve, checks).await);
                busy.try_set(String::new());
            });
        }
    };
    let is_busy = flag(move || busy.with(|busy| !busy.is_empty()) || session.waits());
    let solve = go.clone();
    let check = page.checks.then(|| {
        view! { <button class="button" disabled=is_busy on:click=click(move || go(false))>"Check"</button> }
    });
    let solve = page.solves.then(|| {
        view! { <button class="quiet" disabled=is_busy on:click=click(move || solve(true))>"Do it for me"</button> }
    });
    let result = maybe(move || match outcome.get() {
        Outcome::None => None,
        Outcome::Said { passed, message } => {
            Some(view! { <p class="check" class:ok=passed>{message}</p> }.into_any())
        }
        Outcome::Failed(failure) => Some(warning(failure.words(), None)),
    });
    let buttons = view! {
        <div class="checks">{check}{solve}<span class="muted" role="status">{busy}</span></div>
        <div aria-live="polite">{result}</div>
    };
    Some(buttons.into_any())
}

async fn run(session: Session, page: &str, solve: bool, checks: bool) -> Outcome {
    let outcome = async {
        if solve {
            session.key().solve(page).await?;
        }
        if !checks {
            return Ok(Outcome::None);
        }
        let said = session.check(page).await?;
        Ok(Outcome::Said { passed: said.passed, message: said.message })
    };
    outcome.await.unwrap_or_else(Outcome::Failed)
}
