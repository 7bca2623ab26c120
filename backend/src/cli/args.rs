//! The command line as it is typed, and the help that teaches it.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use url::Url;

use super::{
    config::Moment,
    setup::{self, Setup},
};
use crate::services::settings::Scope;

const FIRST_STEPS: &str = "\
First steps:
  tryit preview tutorials/          look at tutorials on this machine; no LXD is needed
  sudo tryit setup                  prepare LXD: a project, a network and a storage pool of our own
  tryit check                       read the configuration, ask LXD, say in words what is wrong
  tryit serve                       serve visitors

The configuration is one TOML file: --config FILE, or $TRYIT_CONFIG, or ./tryit.toml, or
/etc/tryit/tryit.toml. Each key can be set by a variable: TRYIT_SESSION__DURATION=10m is
`duration` in `[session]`.";

const SERVE: &str = "\
Examples:
  tryit serve
  TRYIT_LISTEN=127.0.0.1:9000 tryit serve --config ./tryit.toml

The configuration is read again when its file changes, and on SIGHUP: limits, terms, bans, maintenance
and operator tokens change at once. A file with a mistake changes nothing, and the log says why.
SIGTERM and Ctrl-C stop the service; containers go on, and the next start finds them again.";

const CHECK: &str = "\
Ends with 0 when nothing stands in the way of `tryit serve`, else with 1. Changes nothing.
With --security it looks at what keeps visitors in, and ends with its worst finding: 0 when all is
well, 1 when there is something to look at, 2 when something is open.

Examples:
  tryit check
  sudo tryit check --security
  tryit check --security --json | jq '.[] | select(.verdict != \"ok\")'
  tryit check --config /etc/tryit/tryit.toml && systemctl reload tryit";

const TOKEN: &str = "\
The token is 256 random bits and is printed once; the configuration holds only its SHA-256.

Examples:
  tryit token create --name ann --scope feedback:read
  tryit token create --name dashboard --scope statistics:read --scope metrics:read --expires 2027-12-31

Then, with the lines that it prints in tryit.toml and `systemctl reload tryit`:
  curl -H \"Authorization: Bearer $TOKEN\" https://try.example.com/api/v1/operator/feedback";

const DRAIN: &str = "\
Closes the service to starts, then prints how many sessions are left as they become fewer, and ends
with 0 once there are none. Sessions go on to their end, and who waits in the queue keeps the place,
also over a restart. What is closed stays closed, over a restart too, until --off. Needs an operator token with the scope maintenance:write, in a file or in the
variable TRYIT_TOKEN: on the command line everybody on the machine could read it.

Examples:
  TRYIT_TOKEN=$(cat token) tryit drain --message 'Back at noon.'
  tryit drain --token-file /etc/tryit/drain.token && systemctl stop tryit
  tryit drain --token-file token --url https://try.example.com --no-wait
  tryit drain --token-file token --off                     lets visitors in again";

const PREVIEW: &str = "\
Serves one scenario directory, or a directory of them, with a shell in a bubblewrap sandbox in
place of a container: /usr of this machine read-only, files of its own everywhere else, no
network. For writing tutorials; whoever reaches the page gets that shell, so only loopback
addresses are taken.

Examples:
  tryit preview .
  tryit preview tutorials/ --listen 127.0.0.1:9000";

/// A root shell in a fresh LXD container for whoever clicks a link, beside a guided tutorial.
#[derive(Debug, Parser)]
#[command(name = "tryit", version, after_help = FIRST_STEPS, max_term_width = 100)]
pub(super) struct Cli {
    /// The configuration's file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve visitors until stopped
    #[command(after_help = SERVE)]
    Serve(Serve),
    /// Prepare LXD for the service; may be run again at any time
    #[command(after_help = setup::HELP)]
    Setup(Setup),
    /// Say in plain words what is wrong with configuration, LXD, terms or tutorials
    #[command(after_help = CHECK)]
    Check(Check),
    /// Make tokens for the operator routes
    #[command(subcommand)]
    Token(Token),
    /// Refuse starts and wait until the last session has ended
    #[command(after_help = DRAIN)]
    Drain(Drain),
    /// Show tutorials on this machine, without LXD
    #[command(after_help = PREVIEW)]
    Preview(Preview),
}

/// `tryit serve`
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// When there are containers that carry this database's mark and have no row in it: keep them,
    /// take the mark off and list them
    #[arg(long, conflicts_with = "purge")]
    pub adopt: bool,
    /// When there are such containers: delete them
    #[arg(long)]
    pub purge: bool,
}

/// `tryit check`
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Look at what keeps visitors in: this machine, the projects, the bridge, the sources, and the
    /// containers that there are now
    #[arg(long)]
    pub security: bool,
    /// Say it as JSON: a list of objects with verdict (ok, warning, problem), about, what, remedy
    #[arg(long)]
    pub json: bool,
}

/// `tryit token`
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token; prints it once, and the lines for the configuration
    #[command(after_help = TOKEN)]
    Create(TokenCreate),
}

/// `tryit token create`
#[derive(Debug, Args)]
pub(super) struct TokenCreate {
    /// Whose it is; stands in the audit
    #[arg(long, value_parser = name)]
    pub name: String,
    /// What it may do; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true, help = scope_help())]
    pub scopes: Vec<Scope>,
    /// When it stops working: a day (UTC) or a time
    #[arg(long, value_name = "DATE")]
    pub expires: Option<Moment>,
}

/// `tryit drain`
#[derive(Debug, Args)]
pub(super) struct Drain {
    /// Where the service is; left out, where the configuration says that it listens
    #[arg(long, value_name = "URL", value_parser = url)]
    pub url: Option<Url>,
    /// A file that holds the operator token, or - for standard input; left out, $TRYIT_TOKEN is the
    /// token
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// What visitors are told meanwhile
    #[arg(long, value_name = "WORDS", conflicts_with = "off")]
    pub message: Option<String>,
    /// Refuse starts, and do not wait
    #[arg(long, conflicts_with = "off")]
    pub no_wait: bool,
    /// Let visitors in again
    #[arg(long)]
    pub off: bool,
}

/// `tryit preview`
#[derive(Debug, Args)]
pub(super) struct Preview {
    /// A scenario directory, or a directory of them
    #[arg(value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// Where to listen; loopback only
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", value_parser = loopback)]
    pub listen: SocketAddr,
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fine = !text.is_empty() && text.len() <= 100 && !text.contains(char::is_control);
    fine.then(|| text.to_owned())
        .ok_or_else(|| "expected a name of at most 100 characters".to_owned())
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| {
        "expected an address and a port like 127.0.0.1:8080 or [::1]:8080".to_owned()
    })?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err("expected a loopback address (127.0.0.1 or [::1]): whoever reaches the page gets a shell \
                      on this machine"
            .to_owned()),
    }
}

fn url(text: &str) -> Result<Url, String> {
    let fine = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    Url::parse(text)
        .ok()
        .filter(fine)
        .ok_or_else(|| "expected a URL like https://try.example.com".to_owned())
}

fn scope_help() -> String {
    let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    format!("What it may do; may be repeated. One of {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_preview_listens_on_loopback_only() {
        let preview = |listen: &str| Cli::try_parse_from(["tryit", "preview", "--listen", listen]);
        assert!(preview("127.0.0.1:0").is_ok() && preview("[::1]:8080").is_ok());
        for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
            let said = preview(open).unwrap_err().to_string();
            assert!(said.contains("expected a loopback address"), "{said}");
        }
    }

    #[test]
    fn orphans_are_adopted_or_purged_not_both() {
        assert!(Cli::try_parse_from(["tryit", "serve", "--adopt"]).is_ok());
        assert!(Cli::try_parse_from(["tryit", "serve", "--adopt", "--purge"]).is_err());
    }

    #[test]
    fn an_unknown_scope_is_refused_with_those_that_there_are() {
        let said =
            Cli::try_parse_from(["tryit", "token", "create", "--name", "a", "--scope", "all"]);
        let said = said.unwrap_err().to_string();
        assert!(said.contains("feedback:read") && said.contains("metrics:read"), "{said}");
    }
}
