//! The pieces of a line, with code that runs or copies on a click.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::tutorial::{Code, Inline, Style};

use crate::browser::clipboard;
use crate::components::ui::{click, click_into_terminal, flag};
use crate::state::Session;

/// Pieces in order. `page` is the page that they stand on.
pub fn inlines(session: Session, page: &str, content: &[Inline]) -> AnyView {
    content.iter().map(|piece| inline(session, page, piece)).collect::<Vec<_>>().into_any()
}

fn inline(session: Session, page: &str, piece: &Inline) -> AnyView {
    match piece {
        Inline::Html { html } => view! { <span inner_html=html.clone()></span> }.into_any(),
        Inline::Code { code } if code.copy || code.exec.is_some() => active(session, page, code),
        Inline::Code { code } => view! { <code>{code.text.clone()}</code> }.into_any(),
        Inline::Styled { style, content } => styled(style, inlines(session, page, content)),
    }
}

fn styled(style: &Style, content: AnyView) -> AnyView {
    match style {
        Style::Emphasis => view! { <em>{content}</em> }.into_any(),
        Style::Strong => view! { <strong>{content}</strong> }.into_any(),
        Style::Strikethrough => view! { <s>{content}</s> }.into_any(),
        Style::Link { href } => {
            view! { <a href=href.clone() target="_blank" rel="noopener noreferrer">{content}</a> }
                .into_any()
        }
    }
}

/// Code that does something. It is no `<button>`: a button can't break across lines.
fn active(session: Session, page: &str, code: &Code) -> AnyView {
    let copied = RwSignal::new(false);
    let act = {
        let (page, code) = (page.to_owned(), code.clone());
        move || match code.exec {
            Some(exec) => session.run(&page, &code, exec),
            None => {
                let text = code.text.clone();
                spawn_local(async move {
                    copied.try_set(clipboard::copy(&text).await);
                });
            }
        }
    };
    let press = act.clone();
    let key = move |event: web_sys::KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            press();
        }
    };
    let on_click = if code.exec.is_some() { click_into_terminal(session, act) } else { click(act) };
    let (class, title) = if code.exec.is_some() { ("act runs", "Run") } else { ("act", "Copy") };
    let (page, id) = (page.to_owned(), code.id);
    let done = flag(move || copied.get() || session.guide.with(|guide| guide.has_run(&page, id)));
    view! {
        <code class=class class:done=done role="button" tabindex="0" title=title on:click=on_click on:keydown=key>
            {code.text.clone()}
        </code>
    }
    .into_any()
}
