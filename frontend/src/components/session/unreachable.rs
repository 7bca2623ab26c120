//! A line below the bar while the service can't be asked.

use leptos::prelude::*;

use crate::components::ui::maybe;
use crate::components::warning;
use crate::state::Session;

/// Says so; it goes by itself.
#[component]
pub fn Unreachable() -> impl IntoView {
    let session = expect_context::<Session>();
    maybe(move || session.unreachable.get().map(|failure| warning(failure.words(), None)))
}
