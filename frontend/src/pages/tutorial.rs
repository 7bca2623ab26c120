//! A tutorial's page: before, during and after a session.

use leptos::prelude::*;
use shared::ErrorCode;

use super::MissingPage;
use super::landing::LandingPage;
use super::session;
use crate::browser::page;
use crate::components::ui::{dynamic, effect};
use crate::components::{Header, trouble};
use crate::logic::words::Next;
use crate::state::{Stage, Visit};

/// The page of one tutorial, or of the default one.
#[component]
pub fn TutorialPage(
    /// The tutorial that the address names.
    slug: Option<String>,
    /// Shown inside another site's page.
    framed: bool,
) -> impl IntoView {
    let visit = Visit::new(slug, framed);
    provide_context(visit);
    if framed {
        page::greet_host();
    }
    effect(move || {
        // A session has more to say in the tab's title.
        if !visit.stage.with(|stage| matches!(stage, Stage::Session(..))) {
            page::set_title(&visit.title());
        }
    });
    let stage = dynamic(move || match visit.stage.get() {
        Stage::Loading => {
            alone(view! { <p class="muted" role="status">"Asking the service…"</p> }.into_any())
        }
        Stage::Landing => view! { <LandingPage/> }.into_any(),
        Stage::Session(key, view) => session::loaded(key, *view).into_any(),
        Stage::Stuck(failure) if failure.code() == Some(ErrorCode::NotFound) => {
            view! { <MissingPage/> }.into_any()
        }
        Stage::Stuck(failure) => {
            let again = move |next| {
                if next == Next::TryAgain {
                    visit.arrive();
                }
            };
            alone(trouble(failure.words(), again))
        }
    });
    view! {
        <div class="page" class:framed=framed>{stage}</div>
        <p class="sr" role="status">{visit.said}</p>
    }
}

/// A page with one thing on it.
fn alone(content: AnyView) -> AnyView {
    view! { <Header/><main class="alone">{content}</main> }.into_any()
}
