//! What holds for any text at all.

use proptest::prelude::*;
use scraper::{Html, Node};
use shared::tutorial::Block;
use tutorial::{Catalog, MemoryFiles};

use crate::support::{codes, htmls, page, step};

/// Pieces that meet badly: fences, annotations, HTML that runs, nesting, escapes.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "```",
        "~~~",
        "`",
        "``",
        "{{exec}}",
        "{{execute T2 interrupt}}",
        "{{copy}}",
        "{{}}",
        "{{",
        "}}",
        "|skip",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "    ",
        "\t",
        "- ",
        "1. ",
        "> ",
        "# ",
        "| a |",
        "|---|",
        "*",
        "**",
        "_",
        "~~",
        "[",
        "](",
        ")",
        "![",
        "<script>",
        "</script>",
        "<style>",
        "<svg onload=x>",
        "<math>",
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">",
        "</a>",
        "<details>",
        "<summary>",
        "</details>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<pre>",
        "<pre data-code=\"0\">",
        "<code data-code=1>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<p",
        "\"",
        "'",
        "&lt;",
        "&#x3c;script&#x3e;",
        "javascript:alert(1)",
        "https://x.org",
        "#a",
        "a.png",
        "../../x.png",
        "bash",
        "yaml{1}",
        "é",
        "\u{202e}",
        "\0",
        "\\",
        "<iframe srcdoc=\"<script>\">",
        "<noscript>",
        "<textarea>",
        "<title>",
    ]);
    prop::collection::vec(
        prop_oneof![3 => pieces.prop_map(str::to_owned), 1 => "[a-z <>&\"`{}\n]{0,8}"],
        0..40,
    )
    .prop_map(|pieces| pieces.concat())
}

/// Fails when a fragment could run, load, or reach outside of itself.
fn assert_harmless(fragment: &str) {
    const TAGS: [&str; 37] = [
        "a", "abbr", "b", "br", "cite", "code", "dd", "del", "dfn", "dl", "dt", "em", "i", "img",
        "ins", "kbd", "mark", "q", "samp", "small", "span", "strong", "sub", "sup", "s", "strike",
        "p", "li", "ul", "ol", "td", "tr", "th", "div", "pre", "html", "table",
    ];
    let document = Html::parse_fragment(fragment);
    for node in document.root_element().descendants() {
        let Node::Element(element) = node.value() else { continue };
        assert!(TAGS.contains(&element.name()), "{fragment}");
        for (name, value) in element.attrs() {
            let is_kept = match name {
                "href" => {
                    value.starts_with("http")
                        || value.starts_with("mailto:")
                        || value.starts_with('#')
                }
                "src" => value.starts_with("/api/v1/tutorials/demo/files/"),
                "class" => value.starts_with("hl-"),
                "id" => value.starts_with("text-"),
                "target" | "rel" | "alt" | "title" | "width" | "height" | "loading" => true,
                _ => false,
            };
            assert!(is_kept, "{name}={value} in {fragment}");
        }
    }
    // A parser gives back what was written only when it is balanced.
    assert_eq!(plain(fragment), plain(&document.root_element().inner_html()), "not balanced");
}

/// HTML with the freedoms of notation taken out.
fn plain(html: &str) -> String {
    html.replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace('\u{a0}', "&nbsp;")
        .replace(['\0', '\r'], "")
}

proptest! {
    #[test]
    fn nothing_that_an_author_writes_runs(text in nasty()) {
        let scenario = step(&text);
        for html in htmls(&page(&scenario).blocks) {
            assert_harmless(&html);
        }
        for path in scenario.files.values() {
            prop_assert!(path.as_str().ends_with(".png"));
        }
    }

    #[test]
    fn any_bytes_as_any_file_end_in_words(index in any::<Vec<u8>>(), text in any::<Vec<u8>>()) {
        let files = MemoryFiles::default()
            .with("a/index.json", index.clone())
            .with("b/index.yaml", index)
            .with("c/index.json", r#"{"title": "T", "details": {"intro": {"text": "t.md", "verify": "t.md"}}}"#)
            .with("c/t.md", text);
        let catalog = Catalog::load(&files);
        prop_assert!(catalog.get("c").is_some());
    }

    #[test]
    fn code_in_a_fence_survives_byte_for_byte(
        code in "([ -_a-z{}~éß\t]{0,30}\n){0,5}[ -_a-z{}~éß\t]{0,30}",
        action in prop::sample::select(vec!["", "{{exec}}", "{{copy}}", "{{ execute T2 }}"]),
        lang in prop::sample::select(vec!["", "bash", "yaml", "console", "python"]),
        indent in prop::sample::select(vec!["", "- ", "1. "]),
    ) {
        prop_assume!(!code.trim().is_empty());
        let blanks = " ".repeat(indent.len());
        let inner: String = code.split('\n').map(|line| format!("{blanks}{line}\n")).collect();
        let codes = codes(&format!("text\n\n{indent}````{lang}\n{inner}{blanks}````{action}\n\nend"));
        prop_assert_eq!(codes.len(), 1);
        prop_assert_eq!(&codes[0].text, &code);
        if let Some(html) = &codes[0].html {
            let shown: String = Html::parse_fragment(&format!("<pre>x{html}</pre>")).root_element().text().collect();
            prop_assert_eq!(&shown[1..], code);
        }
    }

    #[test]
    fn code_within_a_line_survives_byte_for_byte(code in "[!-_a-z{}~éß]([ -_a-z{}~éß]{0,30}[!-_a-z{}~éß])?") {
        let codes = codes(&format!("see `{code}`{{{{exec}}}} there"));
        prop_assert_eq!(codes.len(), 1);
        prop_assert_eq!(&codes[0].text, &code);
    }

    #[test]
    fn every_line_of_a_text_is_shown(words in prop::collection::vec("[a-z]{1,8}", 1..20)) {
        let text = words.join("\n\n");
        prop_assert_eq!(page(&step(&text)).blocks.len(), words.len());
        let all_paragraphs = page(&step(&text)).blocks.iter().all(|block| matches!(block, Block::Paragraph { .. }));
        prop_assert!(all_paragraphs);
    }
}
