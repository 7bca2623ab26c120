//! What real scenarios do that a Markdown parser doesn't expect, one test for each.

use shared::tutorial::{Block, Exec, Inline, Style};

use crate::support::{blocks, codes, line, messages, step};

const RUN: Exec = Exec { terminal: 1, interrupt: false, newline: true, keys: false };

#[test]
fn a_fence_closed_with_an_action_ends_there() {
    let blocks = blocks("Run:\n\n```\nls -l\n```{{exec}}\n\nThen **look**.\n");
    let [Block::Paragraph { .. }, Block::Code { code }, Block::Paragraph { content }] =
        blocks.as_slice()
    else {
        panic!("{blocks:#?}")
    };
    assert_eq!((code.text.as_str(), code.exec), ("ls -l", Some(RUN)));
    assert_eq!(content, &[Inline::Html { html: "Then <strong>look</strong>.".to_owned() }]);
}

#[test]
fn many_fences_in_a_row() {
    let codes =
        codes("```\na\n```{{exec}}\n```bash\nb\n```{{copy}}\ntext\n```\nc\n```\n```\nd\n```{{}}\n");
    let seen: Vec<_> =
        codes.iter().map(|code| (code.text.as_str(), code.copy, code.exec.is_some())).collect();
    assert_eq!(
        seen,
        [("a", true, true), ("b", true, false), ("c", true, false), ("d", false, false)]
    );
}

#[test]
fn a_fence_in_a_list_stays_in_its_item() {
    let blocks = blocks("1. First\n   ```bash\n   ls\n     pwd\n   ```{{exec}}\n2. Second\n");
    let [Block::List { start: Some(1), items }] = blocks.as_slice() else { panic!("{blocks:#?}") };
    let [Block::Paragraph { .. }, Block::Code { code }] = items[0].as_slice() else {
        panic!("{items:#?}")
    };
    assert_eq!((code.text.as_str(), items.len()), ("ls\n  pwd", 2));
}

#[test]
fn a_fence_in_a_list_may_be_indented_carelessly() {
    let blocks = blocks("- First\n\n  ```bash\nls\n```{{exec}}\n- Second\n");
    let [Block::List { start: None, items }] = blocks.as_slice() else { panic!("{blocks:#?}") };
    assert!(
        matches!(&items[0][1], Block::Code { code } if code.text == "ls" && code.exec == Some(RUN))
    );
    assert_eq!(items.len(), 2);
}

#[test]
fn a_fence_indented_with_tabs() {
    let codes = codes("* First\n\t```\n\tls\n\t```{{exec}}\n* Second `x`{{exec}}\n");
    assert_eq!(codes.iter().map(|code| code.text.as_str()).collect::<Vec<_>>(), ["ls", "x"]);
}

#[test]
fn blanks_inside_the_braces() {
    assert_eq!(codes("`ls`{{ execute T2 }}")[0].exec, Some(Exec { terminal: 2, ..RUN }));
    assert_eq!(
        codes("```\nls\n```{{ exec  interrupt }}")[0].exec,
        Some(Exec { interrupt: true, ..RUN })
    );
}

#[test]
fn code_within_a_line_between_two_or_three_backticks() {
    assert_eq!(codes("``echo `date` ``{{exec}}")[0].text, "echo `date` ");
    assert_eq!(codes("```ls -la```{{execute}}")[0].exec, Some(RUN));
}

#[test]
fn crlf_files() {
    let blocks = blocks(
        "# One\r\n\r\nRun `ls`{{exec}} now\r\n\r\n```bash\r\nls\r\npwd\r\n```{{exec}}\r\nend\r\n",
    );
    let [Block::Paragraph { content }, Block::Code { code }, Block::Paragraph { .. }] =
        blocks.as_slice()
    else {
        panic!("{blocks:#?}")
    };
    assert_eq!((content.len(), code.text.as_str()), (3, "ls\npwd"));
}

#[test]
fn text_directly_behind_an_annotation() {
    let content = line("`ls`{{exec}}|skip{{sandbox}}, then `pwd`{{copy}}.");
    let [
        Inline::Code { .. },
        Inline::Html { html: between },
        Inline::Code { .. },
        Inline::Html { html: end },
    ] = content.as_slice()
    else {
        panic!("{content:#?}")
    };
    assert_eq!((between.as_str(), end.as_str()), (", then ", "."));
}

#[test]
fn misspellings_are_named_with_their_line() {
    let scenario = step("a\n\n`ls`{{exeute}} b\n\n```\nls\n```{{ecopy}}\n\n`x`{{EXEC}}\n");
    assert_eq!(
        messages(&scenario),
        [
            "3: `{{exeute}}` is no action; did you mean `{{execute}}`?",
            "7: `{{ecopy}}` is no action; did you mean `{{copy}}`?",
            "9: `{{EXEC}}` is no action; did you mean `{{exec}}`?",
        ]
    );
}

#[test]
fn an_action_that_follows_no_backtick_is_named() {
    let scenario = step("Run `ls` {{exec}} now.\n\n<p>`x`{{exec}}</p>\n");
    let messages = messages(&scenario);
    assert!(
        messages[0].starts_with("1: `{{exec}}` does nothing: it must follow a backtick"),
        "{messages:?}"
    );
    assert!(messages[1].starts_with("3: `{{exec}}` does nothing in HTML"), "{messages:?}");
}

#[test]
fn templates_in_code_and_text_survive() {
    let helm = "{{- if .Values.ingress }}\nhost: {{ .Values.host | quote }}\n{{- end }}";
    assert_eq!(codes(&format!("```yaml\n{helm}\n```{{{{copy}}}}\n"))[0].text, helm);
    assert_eq!(codes("`{{ .Values.x }}`{{exec}}")[0].text, "{{ .Values.x }}");
    let content = line("`x`{{ user }} and {{ name }}");
    assert_eq!(content[1], Inline::Html { html: "{{ user }} and {{ name }}".to_owned() });
}

#[test]
fn lines_of_a_fence_can_be_marked() {
    let code = codes("```yaml{2,4-5}\na: 1\nb: 2\nc: 3\nd: 4\ne: 5\n```{{copy}}\n").remove(0);
    assert_eq!(code.lang.as_deref(), Some("yaml"));
    assert_eq!(code.html.unwrap().matches("<span class=\"hl-line\">").count(), 3);
}

#[test]
fn code_inside_details() {
    let blocks = blocks(
        "<details><summary>Show <code>me</code></summary>\n\nTry:\n\n```bash\nls\n```{{exec}}\n\n</details>\n\nend",
    );
    let [Block::Details { summary, open: false, blocks }, Block::Paragraph { .. }] =
        blocks.as_slice()
    else {
        panic!("{blocks:#?}")
    };
    assert_eq!(summary, &[Inline::Html { html: "Show <code>me</code>".to_owned() }]);
    assert!(matches!(blocks.as_slice(), [Block::Paragraph { .. }, Block::Code { .. }]));
}

#[test]
fn code_inside_emphasis_and_tables() {
    let content = line("*run `ls`{{exec}} now*");
    let [Inline::Styled { style: Style::Emphasis, content }] = content.as_slice() else {
        panic!("{content:#?}")
    };
    assert_eq!(content.len(), 3);
    let codes = codes("| do | what |\n|---|---|\n| `ls`{{exec}} | `a \\| b`{{copy}} |\n");
    assert_eq!(codes.iter().map(|code| code.text.as_str()).collect::<Vec<_>>(), ["ls", "a | b"]);
}

#[test]
fn code_where_no_button_can_be() {
    for markdown in ["### Use `ls`{{exec}}", "[see `ls`{{exec}}](https://x.org)"] {
        let scenario = step(markdown);
        assert!(codes(markdown).is_empty());
        assert!(
            messages(&scenario)[0].contains("can't be run inside"),
            "{:?}",
            messages(&scenario)
        );
    }
}

#[test]
fn keys_and_raw_input() {
    let keys = &codes("`^C`{{execute ctrl-seq}}")[0];
    assert_eq!(keys.exec, Some(Exec { newline: false, keys: true, ..RUN }));
    assert!(!keys.copy);
    assert_eq!(codes("`:q`{{execute no-newline}}")[0].exec, Some(Exec { newline: false, ..RUN }));
}

#[test]
fn code_is_numbered_in_the_order_of_the_page() {
    let codes = codes("`a` and `b`{{}}\n\n- `c`{{exec}}\n\n```\nd\n```{{exec}}\n");
    let seen: Vec<_> = codes.iter().map(|code| (code.id, code.text.as_str())).collect();
    assert_eq!(seen, [(0, "a"), (1, "c"), (2, "d")], "what has no button has no number");
}

#[test]
fn a_fence_that_is_never_closed_is_named() {
    let scenario = step("text\n\n```\nls\n");
    assert_eq!(messages(&scenario), ["3: this code block is never closed"]);
}
