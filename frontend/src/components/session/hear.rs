//! How one hears of a place while looking elsewhere: a sound, a notification. The tab's title says it anyway.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::storage;
use crate::browser::tell::{Notify, ask_to_notify, chime, may_notify};
use crate::components::ui::{click, flag, maybe, state, text};
use crate::state::Session;

/// Where the choice is kept.
const KEPT: &str = "tryit.sound";

/// Whether there is a sound, as it was chosen the last time.
pub fn kept_sound() -> RwSignal<bool> {
    RwSignal::new(storage::kept(KEPT).as_deref() != Some("off"))
}

/// The switch for the sound, and the button that asks for notifications.
#[component]
pub fn Hear(
    /// Whether there is a sound.
    sound: RwSignal<bool>,
) -> impl IntoView {
    let framed = expect_context::<Session>().visit.framed;
    let toggle = click(move || {
        sound.update(|on| *on = !*on);
        let on = sound.get_untracked();
        storage::keep(KEPT, if on { "on" } else { "off" });
        if on {
            chime();
        }
    });
    let on = flag(move || sound.get());
    let word = text(move || if on.get() { "on" } else { "off" }.to_owned());
    let may = RwSignal::new(may_notify());
    let ask = move || {
        spawn_local(async move {
            let _ = may.try_set(ask_to_notify().await);
        });
    };
    // A frame of another site may not ask.
    let notifications = maybe(move || {
        match may.get() {
        Notify::Never => None,
        Notify::Refused if framed => None,
        Notify::Unasked => Some(
            view! { <button on:click=click(ask)>"Notify me when it is my turn"<span>"allow"</span></button> }
                .into_any(),
        ),
        Notify::Allowed => {
            Some(view! { <p>"You get a notification when it is your turn."</p> }.into_any())
        }
        Notify::Refused => {
            Some(view! { <p>"Notifications are off for this site in your browser."</p> }.into_any())
        }
    }
    });
    view! {
        <div class="hear">
            <button role="switch" aria-checked=state(on) on:click=toggle>
                "Sound when it is my turn"<span>{word}</span>
            </button>
            <div aria-live="polite">{notifications}</div>
        </div>
    }
}
