//! The blocks of a page. Their HTML was sanitised in the backend.

use leptos::prelude::*;
use shared::tutorial::{Block, Inline};

use super::command::command;
use super::inline::inlines;
use crate::state::Session;

/// Blocks in order. `page` is the page that they stand on.
pub fn blocks(session: Session, page: &str, blocks: &[Block]) -> AnyView {
    blocks.iter().map(|each| block(session, page, each)).collect::<Vec<_>>().into_any()
}

fn block(session: Session, page: &str, block: &Block) -> AnyView {
    let text = |content: &[Inline]| inlines(session, page, content);
    match block {
        Block::Heading { level: 0..=2, content } => view! { <h2>{text(content)}</h2> }.into_any(),
        Block::Heading { content, .. } => view! { <h3>{text(content)}</h3> }.into_any(),
        Block::Paragraph { content } => view! { <p>{text(content)}</p> }.into_any(),
        Block::List { start, items } => list(session, page, *start, items),
        Block::Quote { blocks: inside } => {
            view! { <blockquote>{blocks(session, page, inside)}</blockquote> }.into_any()
        }
        Block::Code { code } => command(session, page, code),
        Block::Details { summary, open, blocks: inside } => view! {
            <details open=*open><summary>{text(summary)}</summary>{blocks(session, page, inside)}</details>
        }
        .into_any(),
        Block::Table { head, rows } => table(session, page, head, rows),
        Block::Html { html } => view! { <div inner_html=html.clone()></div> }.into_any(),
        Block::Rule => view! { <hr/> }.into_any(),
    }
}

fn list(session: Session, page: &str, start: Option<u64>, items: &[Vec<Block>]) -> AnyView {
    let items: Vec<_> =
        items.iter().map(|item| view! { <li>{blocks(session, page, item)}</li> }).collect();
    match start {
        Some(start) => view! { <ol start=start.to_string()>{items}</ol> }.into_any(),
        None => view! { <ul>{items}</ul> }.into_any(),
    }
}

fn table(session: Session, page: &str, head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> AnyView {
    let text = |cell: &[Inline]| inlines(session, page, cell);
    let head: Vec<_> =
        head.iter().map(|cell| view! { <th scope="col">{text(cell)}</th> }).collect();
    let row = |cells: &Vec<Vec<Inline>>| {
        let cells: Vec<_> = cells.iter().map(|cell| view! { <td>{text(cell)}</td> }).collect();
        view! { <tr>{cells}</tr> }
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    // It may be wider than the guide, and a keyboard must be able to scroll it.
    view! {
        <div class="table" tabindex="0" role="region" aria-label="Table">
            <table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}
