//! Annotations behind code: `{{exec}}`, `{{execute T2 interrupt}}`, `{{copy}}`, `{{}}`.

use shared::tutorial::Exec;

/// The most terminals that a page can name: `T1` to `T4`.
const TERMINALS: u8 = 4;
/// What an annotation can begin with.
const VERBS: [&str; 5] = ["exec", "execute", "copy", "open", ""];

/// What can be done with a piece of code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Action {
    /// It can be copied.
    pub copy: bool,
    /// It can be run.
    pub exec: Option<Exec>,
}

impl Action {
    /// Of code without an annotation.
    pub(crate) const PLAIN: Self = Self { copy: true, exec: None };
}

/// The annotations behind one piece of code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Annotations {
    /// How many bytes they take.
    pub len: usize,
    /// What they say, if they say anything.
    pub action: Option<Action>,
    /// What their author should put right.
    pub notes: Vec<String>,
}

impl Annotations {
    /// Reads the annotations at the very beginning of `text`, which follows a closing backtick.
    ///
    /// Only known verbs are annotations; whatever else stands in braces is the author's text. A verb that is nearly
    /// one is taken for a misspelling: it is named, and not shown.
    pub(crate) fn read(text: &str) -> Self {
        let mut read = Self::default();
        while let Some((words, len)) = braces(&text[read.len..]) {
            match parse(words, &mut read.notes) {
                Verb::Known(action) => read.action = Some(merge(read.action, action)),
                Verb::Misspelled => {}
                Verb::Unknown => break,
            }
            read.len += len;
            // Katacoda's way to say that a command doesn't work in its sandbox.
            if let Some(rest) = text[read.len..].strip_prefix("|skip")
                && let Some((_, len)) = braces(rest)
            {
                read.len += "|skip".len() + len;
            }
        }
        read
    }
}

enum Verb {
    Known(Action),
    Misspelled,
    Unknown,
}

/// What is between the double braces that `text` begins with, and how long it is with them.
fn braces(text: &str) -> Option<(&str, usize)> {
    let (words, _) = text.strip_prefix("{{")?.split_once("}}")?;
    (!words.contains(['\n', '{', '}'])).then_some((words, words.len() + 4))
}

fn parse(words: &str, notes: &mut Vec<String>) -> Verb {
    let mut words = words.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let action = match verb {
        "" => Action { copy: false, exec: None },
        "copy" => Action { copy: true, exec: None },
        "open" => {
            notes.push("`{{open}}` is not supported: the code can only be copied".to_owned());
            Action { copy: true, exec: None }
        }
        "exec" | "execute" => return Verb::Known(parse_exec(words, notes)),
        _ => {
            let Some(meant) = nearest_verb(verb) else { return Verb::Unknown };
            notes.push(format!("`{{{{{verb}}}}}` is no action; did you mean `{{{{{meant}}}}}`?"));
            return Verb::Misspelled;
        }
    };
    for word in words {
        notes.push(format!("`{word}` says nothing in `{{{{{verb} …}}}}`"));
    }
    Verb::Known(action)
}

fn parse_exec<'a>(words: impl Iterator<Item = &'a str>, notes: &mut Vec<String>) -> Action {
    let mut exec = Exec { terminal: 1, interrupt: false, newline: true, keys: false };
    for word in words {
        match word {
            "interrupt" => exec.interrupt = true,
            "no-newline" => exec.newline = false,
            "ctrl-seq" => (exec.keys, exec.newline) = (true, false),
            _ => match terminal(word) {
                Some(number @ 1..=TERMINALS) => exec.terminal = number,
                Some(_) => notes.push(format!("`{word}`: there are {TERMINALS} terminals at most")),
                None => notes.push(format!("`{word}` says nothing in `{{{{exec …}}}}`")),
            },
        }
    }
    // Keys are no text that anybody would paste.
    Action { copy: !exec.keys, exec: Some(exec) }
}

/// The number in `T2` or `HOST2`.
fn terminal(word: &str) -> Option<u8> {
    word.strip_prefix("HOST").or_else(|| word.strip_prefix('T'))?.parse().ok()
}

/// The verb that `word` was probably meant to be.
fn nearest_verb(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let distance = |verb: &&str| strsim::osa_distance(&word, verb);
    // One slip in a short word, two in a long one: `opt` is not `copy`.
    let nearest = VERBS.into_iter().filter(|verb| !verb.is_empty()).min_by_key(distance)?;
    (distance(&nearest) <= if word.len() > 5 { 2 } else { 1 }).then_some(nearest)
}

fn merge(first: Option<Action>, second: Action) -> Action {
    let first = first.unwrap_or_default();
    Action { copy: first.copy || second.copy, exec: first.exec.or(second.exec) }
}

/// Whether `text` has a known verb in braces anywhere: then one that isn't behind code, since those are taken away.
pub(crate) fn stray(text: &str) -> Option<&str> {
    text.match_indices("{{").find_map(|(at, _)| {
        let (words, len) = braces(&text[at..])?;
        let verb = words.split_whitespace().next()?;
        VERBS.contains(&verb).then(|| &text[at..at + len])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Annotations {
        Annotations::read(text)
    }

    fn exec(text: &str) -> Exec {
        read(text).action.unwrap().exec.unwrap()
    }

    const RUN: Exec = Exec { terminal: 1, interrupt: false, newline: true, keys: false };

    #[test]
    fn exec_and_execute_run_the_code() {
        for text in ["{{exec}}", "{{execute}}", "{{ execute T1 }}", "{{execute HOST1}}"] {
            assert_eq!(exec(text), RUN, "{text}");
            assert_eq!(read(text).len, text.len());
        }
    }

    #[test]
    fn modifiers_combine_in_any_order() {
        let second = Exec { terminal: 2, interrupt: true, ..RUN };
        assert_eq!(exec("{{execute T2 interrupt}}"), second);
        assert_eq!(exec("{{execute interrupt HOST2}}"), second);
        assert_eq!(exec("{{execute no-newline}}"), Exec { newline: false, ..RUN });
        assert_eq!(exec("{{execute ctrl-seq}}"), Exec { newline: false, keys: true, ..RUN });
    }

    #[test]
    fn copy_and_nothing() {
        assert_eq!(read("{{copy}}").action, Some(Action::PLAIN));
        assert_eq!(read("{{}}").action, Some(Action { copy: false, exec: None }));
        assert!(read("{{copy}}{{exec}}").action.unwrap().exec.is_some());
    }

    #[test]
    fn text_after_an_annotation_stays() {
        assert_eq!(read("{{exec}} and then").len, "{{exec}}".len());
        assert_eq!(read("{{exec}}|skip{{sandbox}} x").len, "{{exec}}|skip{{sandbox}}".len());
        assert_eq!(read("{{exec}}{{ user }}").len, "{{exec}}".len());
    }

    #[test]
    fn templates_are_no_actions() {
        for text in [
            "{{ .Values.x }}",
            "{{user}}",
            "{{ opt }}",
            "{exec}",
            " {{exec}}",
            "{{exec",
            "{{\nexec}}",
        ] {
            assert_eq!(read(text), Annotations::default(), "{text}");
        }
    }

    #[test]
    fn misspellings_are_named_and_hidden() {
        for (text, meant) in [
            ("{{exeute}}", "execute"),
            ("{{ecopy}}", "copy"),
            ("{{EXEC}}", "exec"),
            ("{{excute T1}}", "execute"),
        ] {
            let read = read(text);
            assert_eq!((read.len, read.action), (text.len(), None), "{text}");
            assert!(read.notes[0].contains(&format!("`{{{{{meant}}}}}`?")), "{:?}", read.notes);
        }
    }

    #[test]
    fn unknown_modifiers_are_named_and_the_rest_works() {
        let read = read("{{execute T9 foo interrupt}}");
        assert!(read.action.unwrap().exec.unwrap().interrupt);
        assert_eq!(read.notes.len(), 2);
    }

    #[test]
    fn finds_an_action_that_stands_alone() {
        assert_eq!(stray("run this: {{execute}} now"), Some("{{execute}}"));
        assert_eq!(stray("{{ .Values.exec }} {{user}}"), None);
    }
}
