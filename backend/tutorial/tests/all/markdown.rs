//! Ordinary Markdown becomes the block that it means.

use shared::tutorial::{Block, Inline};

use crate::support::{blocks, page, step};

fn text(html: &str) -> Vec<Inline> {
    vec![Inline::Html { html: html.to_owned() }]
}

fn paragraph(html: &str) -> Block {
    Block::Paragraph { content: text(html) }
}

#[test]
fn headings_lists_quotes_rules() {
    assert_eq!(
        blocks("## Two\n\n#### Four\n\n3. a\n4. b\n   - c\n\n> q\n\n---\n"),
        [
            Block::Heading { level: 2, content: text("Two") },
            Block::Heading { level: 4, content: text("Four") },
            Block::List {
                start: Some(3),
                items: vec![
                    vec![paragraph("a")],
                    vec![
                        paragraph("b"),
                        Block::List { start: None, items: vec![vec![paragraph("c")]] }
                    ],
                ],
            },
            Block::Quote { blocks: vec![paragraph("q")] },
            Block::Rule,
        ]
    );
}

#[test]
fn tables() {
    let markdown = "| a | b |\n|---|--:|\n| 1 | **2** |\n";
    let row = |a, b| vec![text(a), text(b)];
    assert_eq!(
        blocks(markdown),
        [Block::Table { head: row("a", "b"), rows: vec![row("1", "<strong>2</strong>")] }]
    );
    assert_eq!(
        blocks("<table><tr><td>a</td><td>b<p>c</p></td></tr></table>"),
        [Block::Table { head: vec![], rows: vec![row("a", "b<br>c")] }]
    );
}

#[test]
fn emphasis_and_hard_breaks() {
    assert_eq!(
        blocks("*a* **b** ~~c~~  \nd"),
        [paragraph("<em>a</em> <strong>b</strong> <del>c</del><br>\nd")]
    );
}

#[test]
fn indented_code() {
    let blocks = blocks("a\n\n    $ ls\n      x\n\nb");
    assert!(matches!(&blocks[1], Block::Code { code } if code.text == "$ ls\n  x" && code.copy));
}

#[test]
fn commands_are_coloured_as_shell_even_without_a_language() {
    let blocks = blocks("```\nlxc list # all\n```{{exec}}\n\n```\noutput # x\n```\n");
    let [Block::Code { code: run }, Block::Code { code: output }] = blocks.as_slice() else {
        panic!("{blocks:#?}")
    };
    assert!(run.html.as_deref().unwrap().contains("hl-function\">lxc</span>"));
    assert_eq!((&run.lang, &output.html), (&None, &None));
}

#[test]
fn the_pages_title_is_not_repeated() {
    assert_eq!(blocks("# One\n\ntext"), [paragraph("text")]);
    assert_eq!(page(&step("# Another\n\ntext")).blocks.len(), 2);
}
