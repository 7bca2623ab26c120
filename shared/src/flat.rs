//! Reads the blocks of a tutorial from JSON in which their keys lie beside their `type`.
//!
//! What serde derives for such enums first buffers any JSON and then reads that; in the page, where programs are
//! weighed, the buffer and its second reader would be a tenth of the whole.

use serde::Deserialize;

use crate::tutorial::{Block, Code, Inline, Style};

/// All keys of all kinds of blocks.
#[derive(Deserialize)]
pub(crate) struct FlatBlock {
    #[serde(rename = "type")]
    kind: BlockKind,
    level: Option<u8>,
    #[serde(default)]
    content: Vec<Inline>,
    start: Option<u64>,
    #[serde(default)]
    items: Vec<Vec<Block>>,
    #[serde(default)]
    blocks: Vec<Block>,
    code: Option<Code>,
    #[serde(default)]
    summary: Vec<Inline>,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    head: Vec<Vec<Inline>>,
    #[serde(default)]
    rows: Vec<Vec<Vec<Inline>>>,
    html: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BlockKind {
    Heading,
    Paragraph,
    List,
    Quote,
    Code,
    Details,
    Table,
    Html,
    Rule,
}

impl TryFrom<FlatBlock> for Block {
    type Error = &'static str;

    fn try_from(flat: FlatBlock) -> Result<Self, Self::Error> {
        Ok(match flat.kind {
            BlockKind::Heading => Block::Heading {
                level: flat.level.ok_or("a heading has a level")?,
                content: flat.content,
            },
            BlockKind::Paragraph => Block::Paragraph { content: flat.content },
            BlockKind::List => Block::List { start: flat.start, items: flat.items },
            BlockKind::Quote => Block::Quote { blocks: flat.blocks },
            BlockKind::Code => Block::Code { code: flat.code.ok_or("code has a code")? },
            BlockKind::Details => {
                Block::Details { summary: flat.summary, open: flat.open, blocks: flat.blocks }
            }
            BlockKind::Table => Block::Table { head: flat.head, rows: flat.rows },
            BlockKind::Html => Block::Html { html: flat.html.ok_or("HTML has html")? },
            BlockKind::Rule => Block::Rule,
        })
    }
}

/// All keys of all kinds of pieces of a line.
#[derive(Deserialize)]
pub(crate) struct FlatInline {
    #[serde(rename = "type")]
    kind: InlineKind,
    html: Option<String>,
    code: Option<Code>,
    style: Option<Style>,
    #[serde(default)]
    content: Vec<Inline>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum InlineKind {
    Html,
    Code,
    Styled,
}

impl TryFrom<FlatInline> for Inline {
    type Error = &'static str;

    fn try_from(flat: FlatInline) -> Result<Self, Self::Error> {
        Ok(match flat.kind {
            InlineKind::Html => Inline::Html { html: flat.html.ok_or("HTML has html")? },
            InlineKind::Code => Inline::Code { code: flat.code.ok_or("code has a code")? },
            InlineKind::Styled => Inline::Styled {
                style: flat.style.ok_or("what is styled has a style")?,
                content: flat.content,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::Exec;

    fn comes_back(block: &Block) {
        let json = serde_json::to_string(block).unwrap();
        assert_eq!(&serde_json::from_str::<Block>(&json).unwrap(), block, "{json}");
    }

    #[test]
    fn every_kind_of_block_reads_as_it_was_written() {
        let exec = Some(Exec { terminal: 2, interrupt: true, newline: false, keys: false });
        let code = Code {
            id: 7,
            text: "ls".into(),
            html: None,
            lang: Some("sh".into()),
            copy: true,
            exec,
        };
        let text = vec![
            Inline::Html { html: "<b>x</b>".into() },
            Inline::Styled {
                style: Style::Link { href: "https://example.org".into() },
                content: vec![Inline::Code { code: code.clone() }],
            },
        ];
        let blocks = vec![Block::Paragraph { content: text.clone() }, Block::Rule];
        comes_back(&Block::Heading { level: 3, content: text.clone() });
        comes_back(&Block::List { start: Some(4), items: vec![blocks.clone()] });
        comes_back(&Block::List { start: None, items: Vec::new() });
        comes_back(&Block::Quote { blocks: blocks.clone() });
        comes_back(&Block::Code { code });
        comes_back(&Block::Details { summary: text.clone(), open: true, blocks });
        comes_back(&Block::Table { head: vec![text.clone()], rows: vec![vec![text]] });
        comes_back(&Block::Html { html: "<div></div>".into() });
        comes_back(&Block::Rule);
    }

    #[test]
    fn a_block_without_what_makes_it_is_refused() {
        for json in [
            r#"{"type":"code"}"#,
            r#"{"type":"heading"}"#,
            r#"{"type":"html"}"#,
            r#"{"type":"poem"}"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<Block>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<Inline>(r#"{"type":"styled","content":[]}"#).is_err());
    }
}
