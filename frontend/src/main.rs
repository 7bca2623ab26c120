//! The page.
mod logic;
mod route;

use leptos::prelude::*;
#[component]
fn App() -> impl IntoView {
    let (n, set) = signal(0);
    view! { <main><h1>"tryit"</h1><button on:click=move |_| set.update(|n| *n += 1)>{n}</button></main> }
}
fn main() {
    mount_to_body(App);
}
