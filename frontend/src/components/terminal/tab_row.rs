//! The tabs of the terminals and how the shown one is connected.

use leptos::prelude::*;

use crate::components::ui::{click, dynamic, flag, text};
use crate::logic::attach::Link;
use crate::state::Session;

/// One tab for each terminal, and a button for one more.
#[component]
pub fn TabRow() -> impl IntoView {
    let session = expect_context::<Session>();
    let tabs = session.tabs;
    let row = dynamic(move || {
        let open: Vec<_> = tabs.open.get().into_iter().map(|number| tab(session, number)).collect();
        let add = tabs.next().map(|number| {
            let show = click(move || tabs.show(number));
            view! { <button class="tab" aria-label="New terminal" on:click=show>"+"</button> }
        });
        view! { {open}{add} }.into_any()
    });
    view! { <nav class="tabs" aria-label="Terminals">{row}<span class="grow"></span><Connection/></nav> }
}

fn tab(session: Session, number: u8) -> AnyView {
    let tabs = session.tabs;
    let on = flag(move || tabs.active.get() == number);
    let current = text(move || on.get().to_string());
    let show = click(move || {
        tabs.show(number);
        tabs.focus();
    });
    view! {
        <button class="tab" class:on=on aria-current=current on:click=show>
            <span class="sr">"Terminal "</span>{number}<span aria-hidden="true">"· root"</span>
        </button>
    }
    .into_any()
}

/// A dot and a word.
#[component]
fn Connection() -> impl IntoView {
    let session = expect_context::<Session>();
    let tabs = session.tabs;
    let link = move || tabs.terminal(tabs.active.get()).face().link.get();
    let word = text(move || {
        match link() {
            Link::Connecting => "connecting",
            Link::Waiting(_) => "starting",
            Link::Live => "connected",
            Link::Lost(_) => "reconnecting",
            Link::Exited(_) | Link::Exhausted => "ended",
            Link::Stopped(_) => "disconnected",
        }
        .to_owned()
    });
    view! { <span class="conn" class:live=flag(move || link() == Link::Live) role="status">{word}</span> }
}
