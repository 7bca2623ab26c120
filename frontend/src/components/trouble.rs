//! What is in the way: what happened, what is kept, the one thing to do next.

use leptos::prelude::*;

use super::ui::click;
use crate::browser::address;
use crate::logic::words::{Next, Words};

/// Does what needs no context; answers whether it did.
fn act_alone(next: Next) -> bool {
    match next {
        Next::Reload => address::reload(),
        Next::Tutorials => address::go("/#tutorials"),
        _ => return false,
    }
    true
}

/// The words as a page or a pane of their own. `act` does what the button says, where that is not the same
/// everywhere.
pub fn trouble(words: Words, act: impl Fn(Next) + 'static) -> AnyView {
    let next = words.next;
    let button = next.label().map(|label| {
        let act = click(move || {
            if !act_alone(next) {
                act(next);
            }
        });
        view! { <button class="primary" on:click=act>{label}</button> }
    });
    view! {
        <div class="trouble" role="alert">
            <h1>{words.title}</h1>
            <p class="muted">{words.detail}</p>
            {button}
        </div>
    }
    .into_any()
}

/// The button that opens the question about a fresh container, where that is what one can do.
pub fn next_reset(words: &Words) -> Option<AnyView> {
    let label = words.next.label().filter(|_| words.next == Next::Reset)?;
    Some(view! { <button class="button" popovertarget="reset">{label}</button> }.into_any())
}

/// The words in the place where the eye is, beside what was clicked; with what the service said beyond that.
pub fn warning(words: Words, message: Option<String>) -> AnyView {
    let message = message.map(|message| view! { <span class="muted">{message}</span> });
    // A fresh container is asked for in the same words, wherever one is offered.
    let reset = next_reset(&words);
    view! {
        <div class="warning" role="alert">
            <strong>{words.title}</strong>
            " "
            <span>{words.detail}</span>
            " "
            {message}
            {reset}
        </div>
    }
    .into_any()
}
