//! Nothing is at this address: says so and shows what there is.

use leptos::prelude::*;

use crate::browser::page;
use crate::components::{Header, Tutorials};
use crate::logic::words;
use shared::ErrorCode;

/// The page for an address that leads nowhere.
#[component]
pub fn MissingPage() -> impl IntoView {
    let words = words::error(ErrorCode::NotFound);
    page::set_title("Not found · tryit");
    view! {
        <Header/>
        <main>
            <div class="alone">
                <h1>{words.title}</h1>
                <p class="muted">{words.detail}</p>
                <a class="button primary" href="/">"To the start"</a>
            </div>
            <Tutorials/>
        </main>
    }
}
