//! The poster: a terminal as text, with the tutorial's own first commands.

use leptos::prelude::*;

use crate::components::ui::dynamic;
use crate::logic::poster;
use crate::state::Visit;

/// As many commands as it shows.
const LINES: usize = 7;

/// A picture of what comes; it says nothing that the outline does not.
#[component]
pub fn Poster() -> impl IntoView {
    let visit = expect_context::<Visit>();
    let lines = dynamic(move || {
        let commands =
            visit.tutorial.with(|tutorial| Some(poster::commands(tutorial.as_ref()?, LINES)));
        let line = |command: String| view! { <span><b>"root@tryit:~# "</b>{command}"\n"</span> };
        commands.unwrap_or_default().into_iter().map(line).collect::<Vec<_>>().into_any()
    });
    view! {
        <div class="poster" aria-hidden="true">
            <div class="tabs"><span class="tab on">"1 · root"</span></div>
            <pre>{lines}<b>"root@tryit:~# "</b><i>" "</i></pre>
        </div>
    }
}
