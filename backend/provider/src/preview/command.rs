//! A command as it is run inside: with its environment, in its directory.

use std::collections::BTreeMap;

use super::PATH;

/// Where commands start that don't say otherwise.
const HOME: &str = "/root";

/// What every command is given, unless it is given something else.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("PATH", PATH),
    ("HOME", HOME),
    ("USER", "root"),
    ("LANG", "C.UTF-8"),
    ("TERM", "xterm-256color"),
];

/// The program and arguments that run a command. The environment is set inside: outside it would count for the
/// programs of this machine that lead in.
pub(super) fn words(
    environment: &BTreeMap<String, String>,
    directory: Option<&str>,
    command: &[String],
) -> Vec<String> {
    let given = environment.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let variables =
        ENVIRONMENT.into_iter().chain(given).map(|(key, value)| format!("{key}={value}"));
    let mut words: Vec<_> =
        ["/usr/bin/env", "--"].into_iter().map(str::to_owned).chain(variables).collect();
    words.extend(["/bin/sh", "-c", r#"cd -- "$0" && exec "$@""#].map(str::to_owned));
    words.push(directory.unwrap_or(HOME).to_owned());
    words.extend_from_slice(command);
    words
}
