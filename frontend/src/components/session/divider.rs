//! The divider between guide and terminal: by pointer and by keyboard.

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::browser::storage;
use crate::components::ui::{flag, text};

/// The guide's narrowest and widest share of the width, in thousandths.
const RANGE: (u32, u32) = (220, 700);
/// What an arrow key moves, in thousandths.
const STEP: u32 = 20;
/// Where the last position is kept.
const KEPT: &str = "tryit.split";

/// The guide's share of the width, in thousandths, where it was left the last time.
pub fn kept_width() -> RwSignal<u32> {
    let kept = storage::kept(KEPT).and_then(|kept| kept.parse().ok());
    RwSignal::new(kept.map_or(420, clamp))
}

fn clamp(width: u32) -> u32 {
    width.clamp(RANGE.0, RANGE.1)
}

/// Moves the border; where it was left is kept for the next time.
#[component]
pub fn Divider(
    /// The guide's share of the width, in thousandths.
    width: RwSignal<u32>,
) -> impl IntoView {
    let divider = NodeRef::<Div>::new();
    let dragged = RwSignal::new(false);
    let set = move |to: u32| {
        width.set(clamp(to));
        storage::keep(KEPT, &clamp(to).to_string());
    };
    let grab = move |event: PointerEvent| {
        if let Some(divider) = divider.get_untracked() {
            // Without the capture the pointer would be lost over the terminal; dragging slowly still works.
            let _ = divider.set_pointer_capture(event.pointer_id());
        }
        event.prevent_default();
        dragged.set(true);
    };
    let drag = move |event: PointerEvent| {
        let split = divider.get_untracked().and_then(|divider| divider.parent_element());
        if let (true, Some(split)) = (dragged.get_untracked(), split) {
            let bounds = split.get_bounding_client_rect();
            let share = (f64::from(event.client_x()) - bounds.left()) / bounds.width();
            set((share * 1000.0) as u32);
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowLeft" => width.get_untracked() - STEP,
            "ArrowRight" => width.get_untracked() + STEP,
            "Home" => RANGE.0,
            "End" => RANGE.1,
            _ => return,
        };
        event.prevent_default();
        set(to);
    };
    view! {
        <div
            class="divider"
            class:dragged=flag(move || dragged.get())
            node_ref=divider
            role="separator"
            tabindex="0"
            aria-label="Width of the guide"
            aria-orientation="vertical"
            aria-valuemin=(RANGE.0 / 10).to_string()
            aria-valuemax=(RANGE.1 / 10).to_string()
            aria-valuenow=text(move || (width.get() / 10).to_string())
            on:pointerdown=grab
            on:pointermove=drag
            on:pointerup=move |_| dragged.set(false)
            on:pointercancel=move |_| dragged.set(false)
            on:keydown=key
        ></div>
    }
}
