//! Scenarios made of a few files in memory.

use std::cell::RefCell;

use shared::tutorial::{Block, Code, Inline, TutorialPage};
use tutorial::{FilePath, Files, Highlighter, MemoryFiles, Scenario};

thread_local! {
    /// One for each test: its syntaxes take long to load without optimisation.
    static HIGHLIGHTER: RefCell<Highlighter> = RefCell::default();
}

/// A scenario with the one step that `markdown` is the text of.
pub fn step(markdown: &str) -> Scenario {
    let index = r#"{"title": "T", "details": {"steps": [{"title": "One", "text": "one.md"}]}}"#;
    load(
        &MemoryFiles::default().with("demo/index.json", index).with("demo/one.md", markdown),
        "demo",
    )
}

/// The scenario in a directory.
pub fn load(files: &dyn Files, dir: &str) -> Scenario {
    let dir = FilePath::root().join(dir).unwrap();
    HIGHLIGHTER.with_borrow_mut(|highlighter| Scenario::load(files, &dir, highlighter)).unwrap()
}

/// The page of a scenario that has only one.
pub fn page(scenario: &Scenario) -> &TutorialPage {
    &scenario.tutorial(None).pages[0]
}

/// The blocks that `markdown` makes.
pub fn blocks(markdown: &str) -> Vec<Block> {
    page(&step(markdown)).blocks.clone()
}

/// The pieces of the only paragraph that `markdown` makes.
pub fn line(markdown: &str) -> Vec<Inline> {
    match blocks(markdown).as_slice() {
        [Block::Paragraph { content }] => content.clone(),
        other => panic!("expected one paragraph, got {other:#?}"),
    }
}

/// All code of a page, however deep, in the order of the page.
pub fn codes(markdown: &str) -> Vec<Code> {
    let mut out = Vec::new();
    collect(&blocks(markdown), &mut out);
    out
}

/// What lint says, without the files' names.
pub fn messages(scenario: &Scenario) -> Vec<String> {
    scenario
        .problems
        .iter()
        .map(|problem| match problem.line {
            Some(line) => format!("{line}: {}", problem.message),
            None => problem.message.clone(),
        })
        .collect()
}

/// All HTML that a browser would be given.
pub fn htmls(blocks: &[Block]) -> Vec<String> {
    let mut out = Vec::new();
    for block in blocks {
        match block {
            Block::Html { html } => out.push(html.clone()),
            Block::Code { code } => out.extend(code.html.clone()),
            _ => {}
        }
        for line in lines(block) {
            inline_htmls(line, &mut out);
        }
        for inner in children(block) {
            out.extend(htmls(inner));
        }
    }
    out
}

fn collect(blocks: &[Block], out: &mut Vec<Code>) {
    for block in blocks {
        if let Block::Code { code } = block {
            out.push(code.clone());
        }
        for line in lines(block) {
            collect_inlines(line, out);
        }
        for inner in children(block) {
            collect(inner, out);
        }
    }
}

fn lines(block: &Block) -> Vec<&[Inline]> {
    match block {
        Block::Heading { content, .. } | Block::Paragraph { content } => vec![content],
        Block::Details { summary, .. } => vec![summary],
        Block::Table { head, rows } => {
            head.iter().chain(rows.iter().flatten()).map(Vec::as_slice).collect()
        }
        _ => Vec::new(),
    }
}

fn children(block: &Block) -> Vec<&[Block]> {
    match block {
        Block::List { items, .. } => items.iter().map(Vec::as_slice).collect(),
        Block::Quote { blocks } | Block::Details { blocks, .. } => vec![blocks],
        _ => Vec::new(),
    }
}

fn inline_htmls(line: &[Inline], out: &mut Vec<String>) {
    for piece in line {
        match piece {
            Inline::Html { html } => out.push(html.clone()),
            Inline::Code { code } => out.extend(code.html.clone()),
            Inline::Styled { content, .. } => inline_htmls(content, out),
        }
    }
}

fn collect_inlines(line: &[Inline], out: &mut Vec<Code>) {
    for piece in line {
        match piece {
            Inline::Html { .. } => {}
            Inline::Code { code } => out.push(code.clone()),
            Inline::Styled { content, .. } => collect_inlines(content, out),
        }
    }
}
