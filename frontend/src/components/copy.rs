//! A button that copies.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{clipboard, time};
use crate::components::ui::{click, text};

/// How long the button says that it copied.
const SAID_MS: u32 = 1_500;

/// Copies a text, and says whether it did.
#[component]
pub fn CopyButton(
    /// What to copy.
    copies: Signal<String>,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let copy = click(move || {
        let copies = copies.get_untracked();
        spawn_local(async move {
            let copied = clipboard::copy(&copies).await;
            said.try_set(if copied { "Copied" } else { "Not allowed" }.to_owned());
            time::sleep(SAID_MS).await;
            said.try_set(String::new());
        });
    });
    let label = text(move || {
        said.with(|said| if said.is_empty() { "Copy".to_owned() } else { said.clone() })
    });
    view! { <button class="quiet" on:click=copy aria-live="polite">{label}</button> }
}
