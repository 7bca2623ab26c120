//! A line over the terminal with what the visitor has to know about what they see.

use leptos::prelude::*;

use crate::components::ui::{click, maybe};

/// Shown for a while.
pub fn notice_line(notice: RwSignal<String>) -> AnyView {
    let line = maybe(move || {
        let told = Some(notice.get()).filter(|told| !told.is_empty())?;
        let dismiss = click(move || notice.set(String::new()));
        Some(view! { <p class="notice">{told}<button aria-label="Dismiss" on:click=dismiss>"×"</button></p> }.into_any())
    });
    view! { <div role="status">{line}</div> }.into_any()
}
