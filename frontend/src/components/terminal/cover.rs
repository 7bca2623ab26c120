//! What lies over a terminal that is not connected: words, and the one thing to do.

use leptos::prelude::*;
use shared::terminal::CloseCode;

use crate::browser::address;
use crate::components::next_reset;
use crate::components::ui::{click, maybe};
use crate::logic::attach::Link;
use crate::logic::words::{self, Next, Words};
use crate::terminal::Terminal;

/// What to say about a link, and the exit status where there is one; nothing while it is fine.
fn say(link: &Link) -> Option<(Words, Option<i32>)> {
    match link {
        Link::Connecting | Link::Waiting(_) | Link::Live => None,
        Link::Lost(lost) => Some((words::lost(*lost), None)),
        Link::Exhausted => Some((words::EXHAUSTED, None)),
        Link::Exited(status) => Some((words::closed(CloseCode::Ended), *status)),
        Link::Stopped(code) => Some((words::closed(*code), None)),
    }
}

/// A strip at the lower edge: the screen above it stays readable. `failed` says whether the engine did not load,
/// which `load` tries again.
pub fn cover(
    terminal: StoredValue<Terminal, LocalStorage>,
    link: RwSignal<Link>,
    failed: RwSignal<bool>,
    load: impl Fn() + Copy + Send + 'static,
) -> AnyView {
    let act = move |next: Next| match next {
        Next::Reload => address::reload(),
        Next::TryAgain if failed.get_untracked() => load(),
        Next::TryAgain => terminal.with_value(Terminal::retry_now),
        _ => terminal.with_value(|terminal| {
            terminal.resume();
            terminal.focus();
        }),
    };
    maybe(move || {
        let (words, status) = if failed.get() { (words::NO_ENGINE, None) } else { link.with(say)? };
        let next = words.next;
        let status =
            status.filter(|status| *status != 0).map(|status| format!(" (status {status})"));
        let button = next_reset(&words).or_else(|| {
            let label = next.label()?;
            Some(view! { <button on:click=click(move || act(next))>{label}</button> }.into_any())
        });
        let words = view! {
            <div class="cover" role="alert">
                <p><strong>{words.title}{status}</strong>" "<span>{words.detail}</span></p>
                {button}
            </div>
        };
        Some(words.into_any())
    })
}
