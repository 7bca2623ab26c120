//! The poster: the first commands of a tutorial, as they will stand in the terminal.

use shared::tutorial::{Block, Inline, Tutorial};

/// The first line of the first `count` commands, without those that take more than one line.
pub fn commands(tutorial: &Tutorial, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    for page in &tutorial.pages {
        collect(&page.blocks, &mut found);
    }
    found.retain(|command: &String| !command.contains('\n') && command.chars().count() <= 48);
    found.dedup();
    found.truncate(count);
    found
}

fn collect(blocks: &[Block], found: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Code { code } if code.exec.is_some_and(|exec| !exec.keys) => {
                found.push(code.text.trim().to_owned());
            }
            Block::Paragraph { content } | Block::Heading { content, .. } => inline(content, found),
            Block::List { items, .. } => items.iter().for_each(|item| collect(item, found)),
            Block::Quote { blocks } => collect(blocks, found),
            Block::Code { .. }
            | Block::Details { .. }
            | Block::Table { .. }
            | Block::Html { .. }
            | Block::Rule => {}
        }
    }
}

fn inline(content: &[Inline], found: &mut Vec<String>) {
    for piece in content {
        match piece {
            Inline::Code { code } if code.exec.is_some_and(|exec| !exec.keys) => {
                found.push(code.text.trim().to_owned());
            }
            Inline::Styled { content, .. } => inline(content, found),
            Inline::Code { .. } | Inline::Html { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::tutorial::{Code, Exec, TutorialPage, TutorialSummary};

    fn command(text: &str, runs: bool) -> Block {
        let exec =
            runs.then_some(Exec { terminal: 1, interrupt: false, newline: true, keys: false });
        Block::Code {
            code: Code { id: 0, text: text.into(), html: None, lang: None, copy: true, exec },
        }
    }

    #[test]
    fn only_short_commands_that_run_are_shown() {
        let blocks = vec![
            command("ls", true),
            command("not run", false),
            command("a\nb", true),
            Block::List { start: None, items: vec![vec![command("pwd\n", true)]] },
            command("id", true),
        ];
        let page = TutorialPage {
            id: "1".into(),
            title: "One".into(),
            blocks,
            enters: false,
            checks: false,
            solves: false,
            hint: Vec::new(),
        };
        let summary = TutorialSummary {
            slug: "t".into(),
            title: "T".into(),
            description: None,
            steps: Vec::new(),
            time: None,
            difficulty: None,
        };
        let tutorial =
            Tutorial { summary, lang: "en".into(), pages: vec![page], call_to_action: None };
        assert_eq!(commands(&tutorial, 2), ["ls", "pwd"]);
    }
}
