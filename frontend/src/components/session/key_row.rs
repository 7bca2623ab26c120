//! Keys that a phone's keyboard lacks.

use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::components::ui::{click, flag, state};
use crate::logic::keys::{Key, Sticky};
use crate::state::Session;

/// What the button says, its name, and the key.
type Row = [(&'static str, &'static str, Key)];

const BEFORE: &Row = &[("esc", "Escape", Key::Esc), ("tab", "Tab", Key::Tab)];
const AFTER: &Row = &[
    ("←", "Left", Key::Left),
    ("↑", "Up", Key::Up),
    ("↓", "Down", Key::Down),
    ("→", "Right", Key::Right),
    ("|", "Pipe", Key::Char('|')),
    ("/", "Slash", Key::Char('/')),
    ("-", "Dash", Key::Char('-')),
];

/// The row above the keyboard.
#[component]
pub fn KeyRow() -> impl IntoView {
    let session = expect_context::<Session>();
    let plain = |row: &'static Row| row.iter().map(|key| plain(session, key)).collect::<Vec<_>>();
    view! {
        <section class="keys" aria-label="Keys">
            {plain(BEFORE)}
            {held(session, "ctrl", |sticky| &mut sticky.ctrl)}
            {held(session, "alt", |sticky| &mut sticky.alt)}
            {plain(AFTER)}
        </section>
    }
}

fn plain(session: Session, &(label, name, key): &(&'static str, &'static str, Key)) -> AnyView {
    let press = click(move || session.tabs.press(key));
    view! { <button aria-label=name on:pointerdown=keep_keyboard() on:click=press>{label}</button> }
        .into_any()
}

/// A modifier: it waits for the next key.
fn held(session: Session, label: &'static str, which: fn(&mut Sticky) -> &mut bool) -> AnyView {
    let sticky = session.tabs.sticky;
    let on = flag(move || *which(&mut sticky.get()));
    let toggle = click(move || {
        sticky.update(|sticky| {
            let held = which(sticky);
            *held = !*held;
        });
    });
    view! {
        <button class:on=on aria-pressed=state(on) on:pointerdown=keep_keyboard() on:click=toggle>{label}</button>
    }
    .into_any()
}

/// A tap here must not take the focus from the terminal: the on-screen keyboard would go.
fn keep_keyboard() -> fn(PointerEvent) {
    |event| event.prevent_default()
}
