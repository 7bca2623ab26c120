//! What the first word behind a fence asks for.

/// How code is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language<'a> {
    /// As one language, by a name that the syntaxes know.
    Named(&'a str),
    /// As a shell session: commands behind prompts, and their output.
    Session,
    /// Not at all.
    Plain,
}

impl<'a> Language<'a> {
    /// Reads the word behind a fence.
    pub(super) fn of(word: Option<&'a str>) -> Self {
        match word.unwrap_or_default() {
            "" | "text" | "txt" | "plain" | "plaintext" | "output" | "none" | "log" => Self::Plain,
            "console" | "shell-session" | "shellsession" | "terminal" | "session" => Self::Session,
            "shell" | "zsh" | "ash" | "ksh" | "execute" | "exec" | "cmd" => Self::Named("bash"),
            "golang" => Self::Named("go"),
            "docker" => Self::Named("dockerfile"),
            "hcl" | "terraform" => Self::Named("tf"),
            "jsonc" | "json5" => Self::Named("json"),
            "conf" | "cfg" => Self::Named("ini"),
            name => Self::Named(name),
        }
    }
}

/// Splits the prompt off a line of a shell session: `$ `, `# `, `root@first:~# ` or BusyBox's `~ # `.
pub(super) fn split_prompt(line: &str) -> Option<(&str, &str)> {
    let at = ["$ ", "# "].into_iter().filter_map(|prompt| line.find(prompt)).min()?;
    let place = line[..at].trim_end();
    let is_place = place.is_empty() || place.starts_with(['/', '~']) || place.contains('@');
    (is_place && !place.contains(' ')).then(|| line.split_at(at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_told_from_output() {
        assert_eq!(split_prompt("$ lxc list"), Some(("$ ", "lxc list")));
        assert_eq!(split_prompt("root@first:~# id # me"), Some(("root@first:~# ", "id # me")));
        assert_eq!(split_prompt("$ su # now"), Some(("$ ", "su # now")));
        assert_eq!(split_prompt("# echo $ x"), Some(("# ", "echo $ x")));
        assert_eq!(split_prompt("~ # ls"), Some(("~ # ", "ls")));
        assert_eq!(split_prompt("/root is home # here"), None);
        assert_eq!(split_prompt("uid=0(root) # x"), None);
        assert_eq!(split_prompt("plain output"), None);
    }
}
