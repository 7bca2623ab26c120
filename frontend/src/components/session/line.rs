//! A line below the bar: why something was refused, or what is away and not said elsewhere on the screen.

use leptos::prelude::*;
use shared::ErrorCode;

use crate::browser::api::Failure;
use crate::browser::page;
use crate::components::ui::{click, maybe};
use crate::components::warning;
use crate::logic::attach::Link;
use crate::logic::words;
use crate::state::Session;

/// Says so. What was refused stays until it is read; the rest goes by itself.
#[component]
pub fn Line(
    /// Whether the terminal is shown, where it shares the screen with the guide.
    terminal: RwSignal<bool>,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let refused = maybe(move || {
        let failure = session.refused.get()?;
        let dismiss = click(move || session.refused.set(None));
        let words = warning(failure.words(), reason(&failure));
        Some(view! { {words}<button class="quiet icon" aria-label="Dismiss" on:click=dismiss>"×"</button> }.into_any())
    });
    let lost = move || {
        let link = || session.tabs.terminal(session.tabs.active.get()).face().link.get();
        match (!session.waits()).then(link)? {
            Link::Lost(lost) => Some(words::lost(lost)),
            _ => None,
        }
    };
    let away = maybe(move || {
        if session.refused.with(Option::is_some) {
            return None;
        }
        match lost() {
            // The terminal says it where it is seen: one message, where the eye is.
            Some(_) if terminal.get() || !page::is_narrow() => None,
            Some(words) => Some(warning(words, None)),
            None => session.unreachable.get().map(|failure| warning(failure.words(), None)),
        }
    });
    let asking = maybe(move || {
        session.busy.get().then(|| view! { <p class="asking">"Asking the service…"</p> }.into_any())
    });
    view! { <div class="line">{refused}{away}<div role="status">{asking}</div></div> }
}

/// The service's own words where only it knows the reason.
fn reason(failure: &Failure) -> Option<String> {
    failure.message().filter(|_| failure.code() == Some(ErrorCode::ExtensionRefused))
}
