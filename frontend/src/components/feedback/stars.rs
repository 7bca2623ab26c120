//! One to five stars.

use leptos::prelude::*;

use crate::components::ui::flag;

const NAMES: [&str; 5] = ["1 star: bad", "2 stars", "3 stars", "4 stars", "5 stars: good"];

/// A group of five radio buttons that look like stars. `rating` is 0 while there is none; `rated` hears of a new one.
pub fn stars(rating: RwSignal<u8>, rated: impl Fn() + Copy + 'static) -> AnyView {
    let star = move |(number, name): (u8, &'static str)| {
        let on = flag(move || rating.get() >= number);
        let checked = flag(move || rating.get() == number);
        let rate = move |_| {
            rating.set(number);
            rated();
        };
        view! {
            <label class:on=on title=name>
                <input type="radio" name="rating" aria-label=name prop:checked=checked on:change=rate/>
                <span aria-hidden="true">"★"</span>
            </label>
        }
    };
    let stars: Vec<_> = (1..).zip(NAMES).map(star).collect();
    view! { <fieldset class="stars"><legend class="sr">"Rating"</legend>{stars}</fieldset> }
        .into_any()
}
