//! The way to the page before and to the next.

use leptos::prelude::*;
use shared::tutorial::Tutorial;

use crate::components::ui::click;
use crate::state::Session;

/// Previous and next, by their titles. `at` is the index of the page that is read.
pub fn turn(session: Session, tutorial: &Tutorial, at: usize) -> AnyView {
    let title = |at: usize| tutorial.pages.get(at).map(|page| page.title.clone());
    let back = at.checked_sub(1).and_then(title).map(|title| {
        view! {
            <button class="quiet back" on:click=click(move || session.turn(at - 1))>
                <span aria-hidden="true">"←"</span>{title}
            </button>
        }
    });
    let next = title(at + 1).map(|title| {
        view! {
            <button class="primary next" on:click=click(move || session.turn(at + 1))>
                <span class="sr">"Next: "</span>{title}<span aria-hidden="true">"→"</span>
            </button>
        }
    });
    let action = next.is_none().then(|| tutorial.call_to_action.clone()).flatten().map(|action| {
        view! { <a class="button primary" href=action.url target="_blank" rel="noopener">{action.text}</a> }
    });
    view! { <nav class="turn" aria-label="Pages">{back}<span class="grow"></span>{next}{action}</nav> }.into_any()
}
