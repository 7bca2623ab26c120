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
use crate::components::ui::{effect, maybe};
use crate::state::Session;
use crate::terminal::MAX_TERMINALS;

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
    effect(move || {
        let on = tabs.screen_reader.get();
        tabs.each(|_, terminal| terminal.set_screen_reader(on));
    });
    let screen = |number: u8| {
        let open = Memo::new(move |_| tabs.open.with(|open| open.contains(&number)));
        maybe(move || open.get().then(|| view! { <Screen number/> }.into_any()))
    };
    let screens: Vec<_> = (1..=MAX_TERMINALS).map(screen).collect();
    view! {
        <section class="term" aria-label="Terminal">
            <TabRow/>
            <div class="screens">{screens}<StartCover/></div>
        </section>
    }
}
