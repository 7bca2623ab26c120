//! The terminal's side of a session: tabs, screens, and what lies over them.

mod cover;
mod notice;
mod screen;
mod start;
mod tab_row;

use leptos::prelude::*;

use self::screen::Screen;
use self::start::StartCover;
use self::tab_row::TabRow;
use crate::browser::page;
use crate::state::Session;

/// Every open terminal, one of them shown.
#[component]
pub fn TerminalPane() -> impl IntoView {
    let session = expect_context::<Session>();
    let tabs = session.tabs;
    for event in ["online", "focus"] {
        let back = window_event_listener_untyped(event, move |_| {
            tabs.each(|_, terminal| terminal.retry_now())
        });
        on_cleanup(move || back.remove());
    }
    page::on_scheme_change(move || tabs.each(|_, terminal| terminal.repaint()));
    Effect::new(move |_| {
        let on = tabs.screen_reader.get();
        tabs.each(|_, terminal| terminal.set_screen_reader(on));
    });
    view! {
        <section class="term" aria-label="Terminal">
            <TabRow/>
            <div class="screens">
                <For each=move || tabs.open.get() key=|number| *number let(number)>
                    <Screen number/>
                </For>
                <StartCover/>
            </div>
        </section>
    }
}
