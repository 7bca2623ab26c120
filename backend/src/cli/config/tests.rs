//! Each kind of mistake, and what the keys come to.

use std::{path::Path, time::Duration};

use super::*;
use crate::services::settings::Scope;

const SOURCE: &str = "[source.shell]\nimage = \"tryit-shell\"\n";

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(Some(("/etc/tryit/tryit.toml".into(), text.to_owned())), variables)
}

fn config(text: &str) -> Config {
    read(&format!("{text}\n{SOURCE}"), &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// What is said about a text that is followed by a source.
fn said(text: &str) -> String {
    read(&format!("{text}\n{SOURCE}"), &[]).unwrap_err().to_string()
}

/// What is said about a source's keys.
fn said_of_source(keys: &str) -> String {
    read(&format!("[source.shell]\n{keys}"), &[]).unwrap_err().to_string()
}

#[test]
fn one_source_is_enough() {
    let config = config("");
    assert_eq!(config.http().listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http().public_url, "http://127.0.0.1:8080");
    assert_eq!(config.http().frame_ancestors, ["'self'"]);
    assert_eq!(config.database, Path::new("/var/lib/tryit/tryit.db"));
    assert!(config.example_terms);

    let services = config.services();
    assert_eq!(services.duration, Duration::from_secs(1800));
    assert_eq!((services.extensions, services.extend_by), (1, Duration::from_secs(900)));
    assert_eq!(
        (services.limits.per_address, services.limits.per_network, services.limits.per_hour),
        (2, 16, 60)
    );
    assert_eq!(
        (services.limits.max, services.limits.queue_max, services.terminals_max),
        (32, 0, 4)
    );
    assert_eq!(services.feedback.window, Duration::from_secs(86_400));
    assert_eq!(services.tutorials.directory, Path::new("/etc/tryit/tutorials"));
    assert_eq!(services.terms[0].lang, "en");

    let [source] = &services.sources[..] else { panic!("one source") };
    assert_eq!((source.source.name.as_str(), source.source.project.as_str()), ("shell", "tryit"));
    assert_eq!(source.source.profiles, ["default"]);
    assert_eq!(
        (source.cwd.as_deref(), source.environment["HOME"].as_str()),
        (Some("/root"), "/root")
    );
    assert_eq!(config.reconciler().idle, Duration::from_secs(900));
    assert_eq!(
        (config.terminal().buffer(), config.terminal().hold()),
        (262_144, Duration::from_secs(30))
    );
    assert_eq!(config.lxd(), provider::lxd::Settings::default());
}

#[test]
fn sources_keep_the_order_of_the_file() {
    let config = read(
        "[source.zebra]\nimage = 'z'\n[source.ant]\nsnapshot = 'golden/v1'\nproject = 'other'",
        &[],
    );
    let config = config.unwrap();
    let names: Vec<_> =
        config.services().sources.iter().map(|source| source.source.name.to_string()).collect();
    assert_eq!(names, ["zebra", "ant"]);
    let projects: Vec<_> = config.reconciler().projects.iter().map(ToString::to_string).collect();
    assert_eq!(projects, ["other", "tryit"]);
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_what_there_is() {
    let said = said("[session]\nduration = '30m'\nduraton = '30m'");
    let start = "/etc/tryit/tryit.toml, line 3: `session.duraton`: unknown key, expected one of `duration`, `per_address`";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn a_wrong_value_is_named_with_what_was_expected() {
    for (text, expected) in [
        (
            "[session]\nduration = '30 parsecs'",
            "line 2: `session.duration`: expected a duration like \"90s\", \"30m\" or \"24h\", found \"30 parsecs\"",
        ),
        (
            "[session]\nduration = 30",
            "line 2: `session.duration`: expected a duration like \"90s\", \"30m\" or \"24h\", found 30",
        ),
        (
            "[session]\nduration = '0s'",
            "line 2: `session.duration`: expected at least \"1s\", found 0ns",
        ),
        (
            "[session]\nmax = -1",
            "line 2: `session.max`: expected a whole number, 0 or more, found -1",
        ),
        (
            "[session]\nidle_minutes = 0",
            "line 2: `session.idle_minutes`: expected at least 1, found 0",
        ),
        ("session = 3", "line 1: `session`: expected a table, found 3"),
        (
            "listen = '8080'",
            "line 1: `listen`: expected an address and a port like \"127.0.0.1:8080\" or \"[::]:8080\", found \"8080\"",
        ),
        (
            "\ntrusted_networks = ['10.0.0.0/8', 'lan']",
            "line 2: `trusted_networks[1]`: expected a network like \"10.0.0.0/8\" or \"fd00::/8\", or an address, found \"lan\"",
        ),
        (
            "client_header = 'x-real-ip'",
            "line 1: `client_header`: unknown variant `x-real-ip`, expected `x-forwarded-for` or `forwarded`",
        ),
        (
            "[log]\nformat = 'xml'",
            "line 2: `log.format`: unknown variant `xml`, expected `text` or `json`",
        ),
        (
            "[log]\nlevel = 'a=b=c'",
            "line 2: `log.level`: expected error, warn, info, debug or trace",
        ),
        (
            "[terminal]\nbuffer = '1KiB'",
            "line 2: `terminal.buffer`: expected a terminal buffer from",
        ),
        ("[terminal]\nhold = '3m'", "line 2: `terminal.hold`: expected a terminal hold from"),
        ("[terminals]\nmax = 0", "line 2: `terminals.max`: expected at least 1, found 0"),
        ("[lxd]\nproject = 'a/b'", "line 2: `lxd.project`: expected the name of an LXD project"),
        (
            "[feedback]\nenabled = 'yes'",
            "line 2: `feedback.enabled`: expected true or false, found \"yes\"",
        ),
        ("[server]\nworkers = 0", "line 2: `server.workers`: expected at least 1"),
    ] {
        let said = said(text);
        assert!(said.contains(expected), "{text}\n  said     {said}\n  expected {expected}");
    }
}

#[test]
fn what_is_no_toml_is_said_with_its_line() {
    let said = said("\n[session]\nduration = = 3");
    assert!(said.starts_with("/etc/tryit/tryit.toml, line 3: this is no TOML: "), "{said}");
}

#[test]
fn a_source_has_exactly_one_origin() {
    let one = "expected exactly one of `image`, `remote`, `instance` and `snapshot`";
    assert_eq!(
        said_of_source(""),
        format!("/etc/tryit/tryit.toml, line 1: `source.shell`: {one}, found none")
    );
    assert!(
        said_of_source("image = 'a'\ninstance = 'b'").ends_with(&format!("{one}, found several"))
    );
    assert!(
        read("", &[]).unwrap_err().to_string().contains("`source`: expected at least one source")
    );
    let snapshot = said_of_source("snapshot = 'golden'");
    assert!(snapshot.contains(
        "line 2: `source.shell.snapshot`: expected \"instance/snapshot\", found \"golden\""
    ));
    let remote = said_of_source("remote = { alias = 'debian/12' }");
    assert!(remote.ends_with("line 2: `source.shell.remote.server`: missing"), "{remote}");
    let remote = said_of_source("remote = { server = 'images.example.com', alias = 'debian/12' }");
    assert!(remote.contains("`source.shell.remote.server`: expected a URL like"), "{remote}");
}

#[test]
fn a_source_says_what_is_wrong_in_it() {
    let said = |keys: &str| said_of_source(&format!("image = 'a'\n{keys}"));
    assert!(
        said("command = []")
            .contains("`source.shell.command`: expected a program and its arguments")
    );
    assert!(said("cwd = 'root'").contains("`source.shell.cwd`: expected a path from the root"));
    let processes = said("[source.shell.limits]\nprocesses = 'many'");
    assert!(processes.contains(
        "line 4: `source.shell.limits.processes`: expected a count or \"none\", found \"many\""
    ));
    assert!(said("limits.memroy = '1GiB'").contains("`source.shell.limits.memroy`: unknown key"));
    let name = read("[source.'a b']\nimage = 'a'", &[]).unwrap_err().to_string();
    assert!(
        name.contains("expected a source's name (letters, digits, hyphens and underscores"),
        "{name}"
    );
}

#[test]
fn limits_are_texts_or_numbers_and_can_be_lifted() {
    let config = read(
        "[source.a]\nimage = 'a'\nlimits = { cpu = 2, memory = 'none', processes = 'none' }",
        &[],
    )
    .unwrap();
    let limits = config.services().sources[0].source.limits.clone();
    assert_eq!((limits.cpu.as_deref(), limits.memory, limits.processes), (Some("2"), None, None));
    assert_eq!(limits.disk.as_deref(), Some("4GiB"));
}

#[test]
fn another_user_has_none_of_roots_environment() {
    let config =
        read("[source.a]\nimage = 'a'\nuser = 1000\nenvironment = { HOME = '/home/me' }", &[])
            .unwrap();
    let exec = config.services().sources[0].exec(80, 24);
    assert_eq!((exec.user, exec.cwd.as_deref()), (Some(1000), Some("/")));
    assert_eq!(
        exec.environment.into_iter().collect::<Vec<_>>(),
        [("HOME".to_owned(), "/home/me".to_owned())]
    );
}

#[test]
fn a_public_listener_needs_its_url() {
    let said_of_url = said("listen = '0.0.0.0:80'");
    assert!(
        said_of_url.contains("`public_url`: expected where visitors reach the service"),
        "{said_of_url}"
    );
    for wrong in [
        "try.example.com",
        "https://try.example.com/app",
        "ftp://try.example.com",
        "https://a:b@try.example.com",
    ] {
        let said = said(&format!("public_url = '{wrong}'"));
        assert!(
            said.contains("line 1: `public_url`: expected a URL of scheme, host and perhaps port"),
            "{said}"
        );
    }
    assert_eq!(
        config("public_url = 'https://Try.Example.com:443/'").http().public_url,
        "https://try.example.com"
    );
}

#[test]
fn hosts_and_frames_are_checked() {
    assert!(said("[server]\nhosts = ['https://a']").contains("`server.hosts[0]`: expected a host"));
    assert_eq!(
        config("[server]\nhosts = ['Demo.example.com:8443']").http().hosts,
        ["demo.example.com:8443"]
    );
    for right in ["https://www.example.com", "https://*.example.com:8443", "'self'", "*"] {
        assert_eq!(
            config(&format!("frame_ancestors = [\"{right}\"]")).http().frame_ancestors,
            [right]
        );
    }
    assert_eq!(config("frame_ancestors = []").http().frame_ancestors, ["'none'"]);
    for wrong in
        ["www.example.com", "https://a.example; script-src *", "https://*", "https://a.example/b"]
    {
        let said = said(&format!("frame_ancestors = [\"{wrong}\"]"));
        assert!(said.contains("`frame_ancestors[0]`: expected an origin"), "{wrong}: {said}");
    }
    assert!(said("frame_ancestors = [\"'self'\", \"'none'\"]").contains("`frame_ancestors[1]`"));
}

#[test]
fn lxd_is_reached_by_a_socket_or_by_a_url_with_certificates() {
    let said_of = |keys: &str| said(&format!("[lxd]\n{keys}"));
    assert!(
        said_of("socket = '/s'\nurl = 'https://a:8443'")
            .contains("expected either `socket` or `url`")
    );
    assert!(
        said_of("url = 'http://a:8443'").contains("line 2: `lxd.url`: expected an address like")
    );
    assert!(
        said_of("url = 'https://a:8443'").contains("`lxd.client_certificate`: expected a PEM file")
    );
    assert!(said_of("client_key = 'k'").contains("line 2: `lxd.client_key`: is for `lxd.url`"));
    let keys = "url = 'https://a:8443'\nclient_certificate = 'c'\nclient_key = '/k'\nserver_certificate = 's'";
    let provider::lxd::Address::Https(https) = config(&format!("[lxd]\n{keys}")).lxd().address
    else {
        panic!("an HTTPS address")
    };
    assert_eq!(https.client_certificate, Path::new("/etc/tryit/c"));
    assert_eq!(https.client_key, Path::new("/k"));
}

#[test]
fn terms_come_from_texts_and_files() {
    let both = config("[terms.de]\ntext = 'Regeln'\n[terms.en]\ntext = 'Rules'");
    let languages: Vec<_> = both.services().terms.into_iter().map(|terms| terms.lang).collect();
    assert_eq!(languages, ["de", "en"]);
    assert!(!both.example_terms);
    assert!(
        said("[terms.en]").contains("line 1: `terms.en`: expected `text` or `file`, found neither")
    );
    assert!(
        said("[terms.en]\ntext = ' '")
            .contains("line 2: `terms.en.text`: expected the terms, found nothing")
    );
    assert!(said("[terms.e_n]\ntext = 'a'").contains("`terms.e_n`: expected a language"));
    let said = said("[terms.en]\nfile = 'no-such-terms.md'");
    assert!(
        said.contains("line 2: `terms.en.file`: can't read /etc/tryit/no-such-terms.md: "),
        "{said}"
    );
}

#[test]
fn an_operator_is_read_and_a_token_in_the_wrong_place_is_not_repeated() {
    let hash = "ab".repeat(32);
    let operator = |keys: &str| format!("[[operator]]\nname = 'ann'\n{keys}");
    let config = config(&operator(&format!(
        "hash = 'sha256:{hash}'\nscopes = ['feedback:read']\nexpires = 2027-01-31"
    )));
    let [token] = &config.services().operators[..] else { panic!("one operator") };
    assert_eq!((token.name.as_str(), token.hash.to_hex()), ("ann", hash.clone()));
    assert_eq!(token.scopes, [Scope::FeedbackRead]);
    assert_eq!(
        token.expires.map(|moment| moment.to_string()).as_deref(),
        Some("2027-01-31T00:00:00.000Z")
    );

    let secret = said(&operator("hash = 'tryit_op_secret'\nscopes = ['feedback:read']"));
    assert!(
        secret.contains("line 3: `operator[0].hash`: expected the SHA-256 of the token"),
        "{secret}"
    );
    assert!(!secret.contains("tryit_op_secret"));
    let scope = said(&operator(&format!("hash = 'sha256:{hash}'\nscopes = ['feedback:write']")));
    assert!(
        scope.contains("line 4: `operator[0].scopes[0]`: expected a scope: feedback:read,"),
        "{scope}"
    );
    let none = said(&operator(&format!("hash = 'sha256:{hash}'\nscopes = []")));
    assert!(none.contains("`operator[0].scopes`: expected at least one scope"), "{none}");
    let expires = said(&operator(&format!(
        "hash = 'sha256:{hash}'\nscopes = ['metrics:read']\nexpires = 'soon'"
    )));
    assert!(
        expires.contains("line 5: `operator[0].expires`: expected a day like 2027-01-31"),
        "{expires}"
    );
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

#[test]
fn the_preview_is_for_this_machine_only() {
    let preview = |listen: &str| {
        Config::for_preview(listen.parse().unwrap(), "/t".into(), "/tmp/p.db".into())
    };
    let config = preview("[::1]:8080").unwrap();
    assert_eq!(config.http().public_url, "http://[::1]:8080");
    assert_eq!(config.services().tutorials.directory, Path::new("/t"));
    assert_eq!(config.services().sources.len(), 1);
    for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"] {
        let said = preview(open).unwrap_err().to_string();
        assert!(said.contains("`listen`: expected a loopback address"), "{said}");
    }
}
