//! What an author's HTML can't do.

use shared::tutorial::{Block, Inline};

use crate::support::{blocks, htmls, line, messages, step};

fn html(markdown: &str) -> String {
    htmls(&blocks(markdown)).join("")
}

#[test]
fn scripts_styles_frames_and_forms_are_gone_and_named() {
    let scenario = step(
        "a<script>alert(1)</script>\n\n<iframe src=\"https://x.org\"></iframe>\n\n<form><input></form>\n\n<style>p{}</style>\n",
    );
    let messages = messages(&scenario);
    for tag in ["1: `<script>`", "3: `<iframe>`", "5: `<form>`", "7: `<style>`"] {
        assert!(messages.iter().any(|message| message.starts_with(tag)), "{tag} {messages:?}");
    }
    assert_eq!(html("a<script>alert(1)</script>b <b onclick=\"x()\">c</b>"), "ab <b>c</b>");
}

#[test]
fn an_author_cannot_forge_or_repeat_code() {
    let markdown = "<code data-code=\"0\"></code> <code data-code=\"7\"></code>\n\n`ls`{{exec}}";
    let all = format!("{:?}", blocks(markdown));
    assert_eq!(all.matches("\"ls\"").count(), 1);
}

#[test]
fn text_is_never_markup() {
    assert_eq!(html("&lt;script&gt; a < b & \"c\""), "&lt;script&gt; a &lt; b &amp; &quot;c&quot;");
    assert_eq!(html("`<b>`{{}}"), "<code>&lt;b&gt;</code>");
    assert_eq!(html("[x](https://x.org/?a=1&b=\"c\")"), html("[x](<https://x.org/?a=1&b=\"c\">)"));
}

#[test]
fn links_open_outside_and_lead_to_the_web() {
    assert_eq!(
        html("[x](https://x.org)"),
        "<a href=\"https://x.org/\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>"
    );
    assert_eq!(html("[x](javascript:alert(1)) <a href=\"/operator\" target=_top>y</a>"), "x y");
    assert_eq!(html("[x](data:text/html,y)"), "x");
    assert!(
        messages(&step("a\n\n[x]({{TRAFFIC_HOST1_80}})"))[0]
            .starts_with("3: `{{TRAFFIC_HOST1_80}}`")
    );
}

#[test]
fn links_to_headings_of_the_page() {
    let blocks = blocks("[go](#the-end) [no](#nowhere)\n\n## The `end`\n");
    let [Block::Paragraph { content }, Block::Heading { level: 2, content: heading }] =
        blocks.as_slice()
    else {
        panic!("{blocks:#?}")
    };
    assert_eq!(content, &[Inline::Html { html: "<a href=\"#text-the-end\">go</a> no".to_owned() }]);
    let anchored = "<span id=\"text-the-end\"></span>The <code>end</code>".to_owned();
    assert_eq!(heading, &[Inline::Html { html: anchored }]);
}

#[test]
fn images_are_the_tutorials_own() {
    let scenario = step(
        "![a \"b\"](pics/a.png)\n\n![far](https://x.org/b.png) <img src=\"x.sh\" alt=\"no\" width=9 onerror=x>",
    );
    let pages = &scenario.tutorial(None).pages;
    let html = htmls(&pages[0].blocks).join("|");
    assert_eq!(
        html,
        "<img src=\"/api/v1/tutorials/demo/files/pics/a.png\" alt=\"a &quot;b&quot;\" loading=\"lazy\">|\
         <a href=\"https://x.org/b.png\" target=\"_blank\" rel=\"noopener noreferrer\">far</a> no"
    );
    assert_eq!(scenario.file("pics/a.png").unwrap().as_str(), "demo/pics/a.png");
    assert!(scenario.file("x.sh").is_none() && scenario.file("../../etc/passwd").is_none());
    assert!(messages(&scenario).contains(&"the image `pics/a.png` is not there".to_owned()));
}

#[test]
fn images_keep_their_size() {
    let sized = |size: &str| html(&format!("<img src=\"a.png\" alt=\"a\" {size}>"));
    let start = "<img src=\"/api/v1/tutorials/demo/files/a.png\" alt=\"a\"";
    let wide = format!("{start} width=\"50\" loading=\"lazy\">");
    for size in ["width=50", "width=\"50px\"", "style=\"color: red; width: 50px\""] {
        assert_eq!(sized(size), wide, "{size}");
    }
    assert_eq!(
        sized("width=\"50%\" height=x style=\"height:1e9px;position:fixed\""),
        format!("{start} loading=\"lazy\">")
    );
}

#[test]
fn deep_nesting_keeps_the_text_and_ends() {
    let deep = format!("{}deep `ls`{{{{exec}}}}", "> ".repeat(100));
    let all = serde_json::to_string(&blocks(&deep)).unwrap();
    assert!(all.contains("deep") && all.contains("\"ls\"") && all.len() < 5_000, "{all}");
    for deeper in ["> ", "<div><b>", "- "] {
        let scenario = step(&format!("{}x", deeper.repeat(20_000)));
        assert!(serde_json::to_string(scenario.tutorial(None)).unwrap().len() < 500_000);
    }
    assert!(messages(&step(&"<div>".repeat(1_000)))[0].starts_with("too many elements"));
}

#[test]
fn ordinary_html_keeps_its_meaning() {
    assert_eq!(
        line("Press <kbd>Ctrl</kbd>+<kbd>C</kbd><br>H<sub>2</sub>O"),
        [Inline::Html { html: "Press <kbd>Ctrl</kbd>+<kbd>C</kbd><br>H<sub>2</sub>O".to_owned() }]
    );
    assert_eq!(
        blocks("<dl><dt>a<dd>b</dl>"),
        [Block::Html { html: "<dl><dt>a</dt><dd>b</dd></dl>".to_owned() }]
    );
    assert!(
        matches!(blocks("<pre>a\n  b</pre>").as_slice(), [Block::Code { code }] if code.text == "a\n  b")
    );
    let centred = blocks("<center>\n\n# Hi\n\n</center>");
    assert!(matches!(centred.as_slice(), [Block::Heading { level: 2, .. }]), "{centred:?}");
}
