//! Keys that a phone's keyboard lacks.

use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::components::ui::{click, flag, state};
use crate::logic::keys::Key;
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
            {held("ctrl", session.tabs.held.ctrl)}
            {held("alt", session.tabs.held.alt)}
            {plain(AFTER)}
        </section>
    }
}

fn plain(session: Session, &(label, name, key): &(&'static str, &'static str, Key)) -> AnyView {
    let press = click(move || session.tabs.press(key));
    view! {
        <button on:pointerdown=keep_keyboard() on:click=press>
            <span class="sr">{name}</span><span aria-hidden="true">{label}</span>
        </button>
    }
    .into_any()
}

/// A modifier: it waits for the next key.
fn held(label: &'static str, held: RwSignal<bool>) -> AnyView {
    let on = flag(move || held.get());
    let toggle = click(move || held.update(|held| *held = !*held));
    view! {
        <button class:on=on aria-pressed=state(on) on:pointerdown=keep_keyboard() on:click=toggle>{label}</button>
    }
    .into_any()
}

/// A tap here must not take the focus from the terminal: the on-screen keyboard would go.
fn keep_keyboard() -> fn(PointerEvent) {
    |event| event.prevent_default()
}
