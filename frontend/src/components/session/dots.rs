//! The pages of the tutorial as a row of dots.

use leptos::prelude::*;

use crate::components::ui::{click, maybe};
use crate::logic::guide::Dot;
use crate::state::Session;

/// One dot for each page; a click turns to it.
#[component]
pub fn Dots() -> impl IntoView {
    let session = expect_context::<Session>();
    maybe(move || {
        let tutorial = session.visit.tutorial.get()?;
        let dots = session.guide.with(|guide| guide.dots(&tutorial.pages)).into_iter().enumerate();
        let dots: Vec<_> =
            dots.map(|(at, dot)| one(session, at, dot, tutorial.pages[at].title.clone())).collect();
        Some(view! { <ol class="dots" aria-label="Pages">{dots}</ol> }.into_any())
    })
}

fn one(session: Session, at: usize, dot: Dot, title: String) -> AnyView {
    let (class, current) = match dot {
        Dot::Done => ("done", None),
        Dot::Now => ("now", Some("step")),
        Dot::Ahead => ("", None),
    };
    let turn = click(move || session.turn(at));
    view! {
        <li><button class=class aria-current=current aria-label=title.clone() title=title on:click=turn></button></li>
    }
    .into_any()
}
