//! The snippet that puts a tutorial on another site.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tutorial::TutorialSummary;

use crate::browser::{address, api, page};
use crate::components::ui::{dynamic, text};
use crate::components::{CopyButton, Header};

/// The line of HTML for a tutorial.
fn snippet(origin: &str, slug: &str) -> String {
    format!(
        "<script src=\"{origin}/embed.js\" async></script>\n<try-it tutorial=\"{slug}\"></try-it>"
    )
}

/// Builds the snippet for a tutorial that one picks.
#[component]
pub fn EmbedPage() -> impl IntoView {
    page::set_title("Embed · tryit");
    let tutorials = RwSignal::new(Vec::<TutorialSummary>::new());
    let slug = RwSignal::new(String::new());
    spawn_local(async move {
        if let Ok(list) = api::tutorials().await {
            slug.set(list.first().map(|first| first.slug.clone()).unwrap_or_default());
            tutorials.set(list);
        }
    });
    let html = text(move || snippet(&address::origin(), &slug.get()));
    let option =
        |tutorial: TutorialSummary| view! { <option value=tutorial.slug>{tutorial.title}</option> };
    let options =
        dynamic(move || tutorials.get().into_iter().map(option).collect::<Vec<_>>().into_any());
    let pick = move |event| slug.set(event_target_value(&event));
    view! {
        <Header/>
        <main class="alone wide">
            <h1>"Put a tutorial on your page"</h1>
            <p class="muted">
                "Two lines of HTML show a poster with one button. Nothing else is loaded before the click. "
                "The operator of this service decides which sites may show it ("<code>"frame_ancestors"</code>")."
            </p>
            <label class="field">
                "Tutorial"
                <select on:change=pick>{options}</select>
            </label>
            <div class="cmd">
                <pre><code>{html}</code></pre>
                <span class="acts"><CopyButton copies=html/></span>
            </div>
        </main>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snippet_names_the_service_and_the_tutorial() {
        let html = snippet("https://try.example", "lxd/first-steps");
        assert!(html.contains("src=\"https://try.example/embed.js\""));
        assert!(html.contains("<try-it tutorial=\"lxd/first-steps\"></try-it>"));
    }
}
