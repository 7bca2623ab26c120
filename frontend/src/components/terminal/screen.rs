//! The screen of one terminal.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cover::cover;
use super::notice::notice_line;
use crate::components::ui::{effect, flag};
use crate::engine;
use crate::state::Session;

/// The screen; it stays as it is while another one is shown.
#[component]
pub fn Screen(
    /// The terminal's number.
    number: u8,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let tabs = session.tabs;
    let host = NodeRef::<Div>::new();
    let failed = RwSignal::new(false);
    let terminal = StoredValue::new_local(tabs.terminal(number));
    let face = terminal.with_value(|terminal| terminal.face());
    let open = move || {
        failed.set(false);
        spawn_local(async move {
            let loaded = engine::load().await;
            // The page may have gone on meanwhile.
            let Some(host) = host.try_get_untracked().flatten() else { return };
            failed.set(!loaded);
            if loaded {
                terminal.with_value(|terminal| terminal.open(&host));
                if tabs.active.get_untracked() == number && !crate::browser::page::is_narrow() {
                    tabs.focus();
                }
            }
        });
    };
    effect(move || {
        if host.get().is_some() {
            open();
        }
    });
    on_cleanup(move || tabs.drop_terminal(number));
    let hidden = flag(move || tabs.active.get() != number);
    view! {
        <div class="screen" class:hidden=hidden>
            <div class="host" node_ref=host role="group" aria-label=format!("Terminal {number}. Control F6 leaves it.")></div>
            {notice_line(face.notice)}
            {cover(terminal, face.link, failed, open)}
        </div>
    }
}
