//! The file, the variables over it, and where a mistake is said to be.

use super::*;

#[test]
fn an_unknown_key_is_named_with_its_line_and_what_there_is() {
    let said = said("[session]\nduration = '30m'\nduraton = '30m'");
    let start = "/etc/tryit/tryit.toml, line 3: `session.duraton`: unknown key, expected one of `duration`, `per_address`";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn what_is_no_toml_is_said_with_its_line() {
    let said = said("\n[session]\nduration = = 3");
    assert!(said.starts_with("/etc/tryit/tryit.toml, line 3: this is no TOML: "), "{said}");
}

#[test]
fn a_variable_wins_over_the_file() {
    let text = format!("[session]\nduration = '30m'\n{SOURCE}\n[source.big-one]\nimage = 'big'");
    let config = read(
        &text,
        &[
            ("TRYIT_SESSION__DURATION", "10m"),
            ("TRYIT_SESSION__MAX", "7"),
            ("TRYIT_LISTEN", "[::1]:9000"),
            ("TRYIT_FRAME_ANCESTORS", "['*']"),
            ("TRYIT_SOURCE__BIG_ONE__LIMITS__CPU", "4"),
            ("TRYIT_SOURCE__NEW__IMAGE", "fresh"),
            ("TRYIT_CONFIG", "elsewhere.toml"),
        ],
    )
    .unwrap();
    assert_eq!(config.services().duration, Duration::from_secs(600));
    assert_eq!(config.services().limits.max, 7);
    assert_eq!(config.http().public_url, "http://[::1]:9000");
    assert_eq!(config.http().frame_ancestors, ["*"]);
    let sources = config.services().sources;
    let names: Vec<_> = sources.iter().map(|source| source.source.name.as_str()).collect();
    assert_eq!(names, ["shell", "big-one", "new"]);
    assert_eq!(sources[1].source.limits.cpu.as_deref(), Some("4"));
    assert!(config.ignored_variables.is_empty());
}

#[test]
fn a_mistake_in_a_variable_names_the_variable() {
    let said = |name: &str, value: &str| read(SOURCE, &[(name, value)]).unwrap_err().to_string();
    assert_eq!(
        said("TRYIT_SESSION__DURATION", "long"),
        "the environment's TRYIT_SESSION__DURATION: `session.duration`: expected a duration like \"90s\", \"30m\" or \
         \"24h\", found \"long\""
    );
    assert!(
        said("TRYIT_SESSION__DURATON", "10m").starts_with(
            "the environment's TRYIT_SESSION__DURATON: `session.duraton`: unknown key"
        )
    );
    assert!(
        said("TRYIT_LISTEN__PORT", "1")
            .contains("TRYIT_LISTEN__PORT: `listen`: expected an address")
    );
    assert!(
        said("TRYIT_SOURCE__SHELL__IMAGE__X", "1").contains("`source.shell.image`: is no table")
    );
}

#[test]
fn variables_of_others_are_left_alone() {
    let config =
        read(SOURCE, &[("TRYIT_PORT", "tcp://10.0.0.1:80"), ("TRYIT_SERVICE_HOST", "10.0.0.1")])
            .unwrap();
    assert_eq!(config.ignored_variables, ["TRYIT_PORT", "TRYIT_SERVICE_HOST"]);
}

#[test]
fn without_a_file_the_environment_is_enough() {
    let variables = [("TRYIT_SOURCE__SHELL__IMAGE".to_owned(), "tryit-shell".to_owned())];
    assert_eq!(Config::read(None, variables).unwrap().services().sources.len(), 1);
    let said = Config::read(None, []).unwrap_err().to_string();
    assert!(
        said.starts_with("no configuration file: `source`: expected at least one source"),
        "{said}"
    );
}
