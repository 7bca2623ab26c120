//! The page that the address asks for.

use leptos::prelude::*;

use crate::browser::{address, page};
use crate::pages::{EmbedPage, MissingPage, TutorialPage};
use crate::route::Route;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    page::remove_placeholder();
    match Route::parse(&address::path()) {
        Route::Tutorial { slug, framed } => view! { <TutorialPage slug framed/> }.into_any(),
        Route::Embed => view! { <EmbedPage/> }.into_any(),
        Route::Unknown => view! { <MissingPage/> }.into_any(),
    }
}
