//! A line over the terminal with what the visitor has to know about what they see.

use leptos::prelude::*;

use crate::components::ui::{click, maybe};
use crate::logic::attach::Notice;
use crate::logic::words;

/// Shown for a while.
pub fn notice_line(notice: RwSignal<Option<Notice>>) -> AnyView {
    let line = maybe(move || {
        let told = words::notice(notice.get()?);
        let dismiss = click(move || notice.set(None));
        Some(view! { <p class="notice">{told}<button aria-label="Dismiss" on:click=dismiss>"×"</button></p> }.into_any())
    });
    view! { <div role="status">{line}</div> }.into_any()
}
