//! A block of code: one box with the text, copy and run. Several lines run as one.

use leptos::prelude::*;
use shared::tutorial::{Code, Exec};

use crate::components::CopyButton;
use crate::components::ui::{click_into_terminal, flag, maybe, text};
use crate::state::Session;

/// A command, or code that is only read. `page` is the page that it stands on.
pub fn command(session: Session, page: &str, code: &Code) -> AnyView {
    let plain = code.text.trim_end_matches('\n').to_owned();
    let body = match &code.html {
        Some(html) => {
            view! { <code inner_html=html.trim_end_matches('\n').to_owned()></code> }.into_any()
        }
        None => view! { <code>{plain.clone()}</code> }.into_any(),
    };
    let copy = code.copy.then(|| view! { <CopyButton copies=text(move || plain.clone())/> });
    let run = code.exec.map(|exec| run(session, page, code, exec));
    view! {
        <div class="cmd" class:runs=code.exec.is_some()>
            <pre>{body}</pre>
            <span class="acts">{copy}{run}</span>
        </div>
    }
    .into_any()
}

/// The button that types the command into its terminal, and whether it has.
fn run(session: Session, page: &str, code: &Code, exec: Exec) -> AnyView {
    let (page, code) = (page.to_owned(), code.clone());
    let ran = {
        let (page, id) = (page.clone(), code.id);
        flag(move || session.guide.with(|guide| guide.has_run(&page, id)))
    };
    let label = text(move || {
        match (ran.get(), exec.keys) {
            (_, true) => "Press",
            (false, false) => "Run",
            (true, false) => "Run again",
        }
        .to_owned()
    });
    let waits = flag(move || session.waits());
    let place = (exec.terminal > 1)
        .then(|| view! { <span class="where">"in terminal "{exec.terminal}</span> });
    view! {
        {place}
        {maybe(move || ran.get().then(|| view! { <span class="done">"ran"</span> }.into_any()))}
        <button class="run" disabled=waits on:click=click_into_terminal(session, move || session.run(&page, &code, exec))>{label}</button>
    }
    .into_any()
}
