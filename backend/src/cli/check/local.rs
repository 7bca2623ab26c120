//! What can be told without LXD: files, terms, tokens, and keys that hardly mean what they say together.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read},
    net::TcpListener,
    path::Path,
};

use domain::{UnixMs, address::Network};

use super::finding::Finding;
use crate::{cli::config::Config, http, services::settings::OperatorToken};

/// How every SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Where the configuration came from, and what in the environment looks like it and is none.
pub(super) fn configuration(config: &Config) -> Vec<Finding> {
    let about = "configuration";
    let read = match &config.file {
        Some(path) => Finding::fine(about, path.display()),
        None => Finding::fine(about, "the environment's variables, no file"),
    };
    let ignored = config.ignored_variables.iter().map(|name| {
        let what = format!("the variable {name} begins with TRYIT_ and is no key");
        Finding::warning(
            about,
            what,
            "Ignored. If it should be a key, see docs/configuration.md for its name.",
        )
    });
    std::iter::once(read).chain(ignored).collect()
}

/// Whether the database can be opened or made.
pub(super) fn database(path: &Path) -> Finding {
    let about = "database";
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let why = match fs::metadata(directory) {
        Ok(metadata) if metadata.is_dir() => writable(path, directory).err(),
        Ok(_) => Some(io::Error::from(io::ErrorKind::NotADirectory)),
        Err(error) => Some(error),
    };
    match why {
        None if is_something_else(path) => Finding::problem(
            about,
            format_args!("{} is no SQLite file", path.display()),
            "Set `database` to another file; one that is not there is made.",
        ),
        None => Finding::fine(about, path.display()),
        Some(why) => Finding::problem(
            about,
            format_args!("{} can't be written: {why}", path.display()),
            format!(
                "Make its directory for the user that runs tryit: install -d -m 0700 -o USER {}\n\
                 or set `database` to another file.",
                directory.display()
            ),
        ),
    }
}

/// Writes nothing that stays: SQLite needs to make files beside the database, too.
fn writable(path: &Path, directory: &Path) -> io::Result<()> {
    tempfile::tempfile_in(directory)?;
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether there is a file that does not begin as SQLite's do. An empty one is as good as none.
fn is_something_else(path: &Path) -> bool {
    let mut head = Vec::new();
    let read =
        fs::File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut head));
    read.is_ok() && !head.is_empty() && head != MAGIC
}

/// Whether somebody wrote terms.
pub(super) fn terms(config: &Config) -> Finding {
    let about = "terms";
    match config.example_terms {
        true => Finding::warning(
            about,
            "visitors accept the example that comes with the program",
            "Write your own, and name the file:\n[terms.en]\nfile = \"terms.md\"",
        ),
        false => {
            let languages: Vec<_> =
                config.services().terms.into_iter().map(|terms| terms.lang).collect();
            Finding::fine(about, languages.join(", "))
        }
    }
}

/// Whether somebody can read the feedback.
pub(super) fn operators(tokens: &[OperatorToken], now: UnixMs) -> Vec<Finding> {
    let about = "operators";
    if tokens.is_empty() {
        let remedy = "Make a token: tryit token create --name NAME --scope feedback:read";
        return vec![Finding::warning(
            about,
            "there is no token, so nobody can read feedback",
            remedy,
        )];
    }
    let finding = |token: &OperatorToken| match token.expires {
        Some(end) if end <= now => {
            let remedy = "Make a new one with `tryit token create`, or take the table out.";
            Finding::warning(
                about,
                format_args!("the token of {} expired at {end}", token.name),
                remedy,
            )
        }
        _ => Finding::fine(about, &token.name),
    };
    tokens.iter().map(finding).collect()
}

/// Whether the configuration keeps visitors out, and whom.
pub(super) fn closed(config: &Config, now: UnixMs) -> Vec<Finding> {
    let about = "visitors";
    let mut findings = Vec::new();
    if config.closed().on {
        findings.push(Finding::warning(
            about,
            "the configuration closes the service: all starts are refused",
            "When it may open: take `on = true` out of `[maintenance]`.",
        ));
    }
    if config.services().limits.max == 0 {
        findings.push(Finding::warning(
            about,
            "session.max is 0: every start waits for a place that never comes",
            "Set it to how many sessions the server can bear. To close the service, use `[maintenance]`.",
        ));
    }
    let (over, banned): (Vec<_>, Vec<_>) =
        config.bans().iter().partition(|ban| ban.until.is_some_and(|until| until <= now));
    if !banned.is_empty() {
        let networks: Vec<_> = banned.iter().map(|ban| ban.network.to_string()).collect();
        findings.push(Finding::fine(about, format_args!("banned: {}", networks.join(", "))));
    }
    findings.extend(banned.iter().filter(|ban| ban.network.is_everything()).map(|ban| {
        let what = format!("the ban of {} keeps everybody out", ban.network);
        Finding::warning(
            about,
            what,
            "Ban the networks that are meant. To close the service, use `[maintenance]`.",
        )
    }));
    findings.extend(over.iter().map(|ban| {
        let what = format!("the ban of {} is over", ban.network);
        Finding::warning(about, what, "Take its `[[ban]]` table out, or give it a later `until`.")
    }));
    findings
}

/// Whether the web server's keys mean together what they should.
pub(super) fn web(settings: &http::settings::Settings) -> Vec<Finding> {
    let about = "web";
    let public = url::Url::parse(&settings.public_url);
    let loopback_name = public.as_ref().is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    });
    let mut findings =
        vec![Finding::fine(about, format_args!("{} on {}", settings.public_url, settings.listen))];
    if !loopback_name && settings.listen.ip().is_loopback() && settings.trusted.is_empty() {
        findings.push(Finding::warning(
            about,
            "it is reached through a proxy, and no proxy is trusted: all visitors count as one address",
            "Name the proxy's address: trusted_networks = [\"127.0.0.1\", \"::1\"]",
        ));
    }
    // An address that is taken is taken by the service itself, most likely.
    if let Err(why) = TcpListener::bind(settings.listen)
        && why.kind() != io::ErrorKind::AddrInUse
    {
        findings.push(Finding::problem(
            about,
            format_args!("can't listen on {}: {why}", settings.listen),
            "Set `listen` to an address of this machine, and to a port that its user may take.",
        ));
    }
    if settings.trusted.iter().any(Network::is_everything) {
        findings.push(Finding::warning(
            about,
            "everybody is trusted to name the client's address, so that limits and bans mean nothing",
            "Name the proxy's address: trusted_networks = [\"127.0.0.1\", \"::1\"]",
        ));
    }
    if !loopback_name && settings.public_url.starts_with("http:") {
        findings.push(Finding::warning(
            about,
            "`public_url` is http: anybody on the way can read and take over sessions",
            "Put a proxy that speaks HTTPS in front, see docs/operating.md, and give its URL.",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::finding::Verdict;

    fn config(text: &str) -> Config {
        Config::read(Some(("tryit.toml".into(), format!("{text}\n[source.a]\nimage = 'a'"))), [])
            .unwrap()
    }

    #[test]
    fn a_directory_that_is_not_there_is_a_problem_with_a_remedy() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(database(&home.path().join("tryit.db")).verdict, Verdict::Fine);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is left behind");
        let missing = database(&home.path().join("no/tryit.db"));
        assert_eq!(missing.verdict, Verdict::Problem);
        assert!(missing.remedy.unwrap().contains(&format!("{}/no", home.path().display())));
    }

    #[test]
    fn a_database_that_is_a_directory_is_a_problem() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(database(home.path()).verdict, Verdict::Problem);
    }

    #[test]
    fn a_file_of_another_kind_is_no_database() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tryit.db");
        fs::write(&path, "").unwrap();
        assert_eq!(database(&path).verdict, Verdict::Fine);
        fs::write(&path, "a text").unwrap();
        assert_eq!(database(&path).verdict, Verdict::Problem);
        fs::write(&path, [MAGIC, b"and more"].concat()).unwrap();
        assert_eq!(database(&path).verdict, Verdict::Fine);
    }

    #[test]
    fn an_address_of_another_machine_and_trust_in_everybody_are_noticed() {
        let worst = |text: &str| {
            web(&config(text).http()).into_iter().map(|finding| finding.verdict).max().unwrap()
        };
        let foreign = "public_url = 'https://try.example.com'\nlisten = '192.0.2.1:80'";
        assert_eq!(worst(foreign), Verdict::Problem);
        assert_eq!(
            worst("listen = '127.0.0.1:0'\ntrusted_networks = ['0.0.0.0/0']"),
            Verdict::Warning
        );
    }

    #[test]
    fn a_proxy_that_is_not_trusted_is_noticed() {
        let warnings = |text: &str| {
            web(&config(text).http())
                .iter()
                .filter(|finding| finding.verdict == Verdict::Warning)
                .count()
        };
        assert_eq!(warnings(""), 0);
        assert_eq!(warnings("public_url = 'https://try.example.com'"), 1);
        assert_eq!(
            warnings("public_url = 'https://try.example.com'\ntrusted_networks = ['::1']"),
            0
        );
        assert_eq!(warnings("public_url = 'http://try.example.com'\nlisten = '0.0.0.0:80'"), 1);
    }

    #[test]
    fn a_closed_service_and_bans_are_noticed() {
        let text = "[maintenance]\non = true\n[[ban]]\nnetwork = '192.0.2.1'\n\
                    [[ban]]\nnetwork = '192.0.2.2'\nuntil = 2020-01-01";
        let findings = closed(&config(text), UnixMs::now());
        let verdicts: Vec<_> = findings.iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [Verdict::Warning, Verdict::Fine, Verdict::Warning]);
        assert!(findings[1].to_string().contains("192.0.2.1/32"), "{}", findings[1]);
        assert!(closed(&config(""), UnixMs::now()).is_empty());
    }

    #[test]
    fn what_keeps_everybody_out_without_saying_so_is_noticed() {
        for (text, told) in [
            ("[[ban]]\nnetwork = '0.0.0.0/0'", "keeps everybody out"),
            ("[[ban]]\nnetwork = '::/0'", "keeps everybody out"),
            ("[session]\nmax = 0", "session.max is 0"),
        ] {
            let findings = closed(&config(text), UnixMs::now());
            let warned = findings.iter().filter(|finding| finding.verdict == Verdict::Warning);
            let said: Vec<_> = warned.map(ToString::to_string).collect();
            assert!(said.len() == 1 && said[0].contains(told), "{text}: {said:?}");
        }
    }

    #[test]
    fn example_terms_and_dead_tokens_are_noticed() {
        assert_eq!(terms(&config("")).verdict, Verdict::Warning);
        assert_eq!(terms(&config("[terms.en]\ntext = 'a'")).verdict, Verdict::Fine);
        let hash = "ab".repeat(32);
        let text = format!(
            "[[operator]]\nname = 'a'\nhash = 'sha256:{hash}'\nscopes = ['metrics:read']\nexpires = 2020-01-01"
        );
        let tokens = config(&text).services().operators;
        assert_eq!(operators(&tokens, UnixMs::now())[0].verdict, Verdict::Warning);
        assert_eq!(operators(&tokens, UnixMs(0))[0].verdict, Verdict::Fine);
        assert_eq!(operators(&[], UnixMs::now())[0].verdict, Verdict::Warning);
    }
}
