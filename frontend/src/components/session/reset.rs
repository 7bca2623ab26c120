//! Asks before a fresh container takes the place of the one that there is.

use leptos::prelude::*;

use crate::browser::page;
use crate::components::ui::click;
use crate::state::Session;

/// The question. Whatever names it as its `popovertarget` opens it; Escape or a click elsewhere closes it.
#[component]
pub fn Reset() -> impl IntoView {
    let session = expect_context::<Session>();
    // In another site's frame a browser refuses it, and complains.
    let framed = session.visit.framed;
    let reset = click(move || {
        page::close_menu("reset");
        page::close_menu("more");
        session.reset();
    });
    view! {
        <div class="menu wide middle" id="reset" popover="auto" role="dialog" aria-labelledby="reset-title">
            <h2 id="reset-title">"Take a fresh container?"</h2>
            <p>"Everything in this one is deleted, and its programs end."</p>
            <p class="muted">"Your page of the guide, its marks and the time that is left stay as they are."</p>
            <p class="acts">
                <button class="danger" on:click=reset>"Delete and take a fresh one"</button>
                <button class="quiet" autofocus=!framed popovertarget="reset">"Keep this one"</button>
            </p>
        </div>
    }
}
