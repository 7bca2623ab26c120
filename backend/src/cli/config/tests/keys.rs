//! The keys as a whole: defaults, and what is said of wrong values.

use super::*;

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
        (32, 100, 4)
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
    let reconciler = config.reconciler();
    assert_eq!(reconciler.idle, Duration::from_secs(900));
    assert_eq!((reconciler.places, reconciler.claim), (32, Duration::from_secs(60)));
    assert_eq!(
        (config.terminal().buffer(), config.terminal().hold()),
        (262_144, Duration::from_secs(30))
    );
    assert_eq!(config.lxd(), provider::lxd::Settings::default());
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
fn a_change_of_a_key_that_is_read_once_is_named_and_no_other() {
    let old = config("listen = '127.0.0.1:8080'\n[lxd]\nparallel = 4\n[session]\nmax = 1");
    let changed = |text: &str| config(text).restart_keys(&old).collect::<Vec<_>>();
    assert_eq!(changed("[lxd]\nparallel = 4\nproject = 'other'\n[log]\nlevel = 'debug'"), [""; 0]);
    assert_eq!(
        changed("listen = '127.0.0.1:8081'\ndatabase = 'new.db'\n[log]\nformat = 'json'"),
        ["listen", "database", "log.format", "lxd.parallel"]
    );
}
