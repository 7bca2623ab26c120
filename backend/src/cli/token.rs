//! `tryit token create`: a token for the operator routes, shown once.

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::TokenHash;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::{args::TokenCreate, failure::Failure};

/// What every operator token begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "tryit_op_";

/// Prints the token and the lines for the configuration.
///
/// Standard output gets the token on its first line and the lines for `tryit.toml` after it; the words around them
/// go to standard error, so that a script can take either.
pub(super) fn create(wanted: &TokenCreate) -> Result<(), Failure> {
    let token = random_token()?;
    let mut out = io::stdout().lock();
    let printed = (|| {
        eprintln!("The token. It is shown only now:\n");
        writeln!(out, "{token}")?;
        out.flush()?;
        eprintln!("\nFor tryit.toml; then reload the service:");
        write!(out, "\n{}", lines(wanted, &token))?;
        out.flush()
    })();
    printed.map_err(|error: io::Error| Failure::new(format_args!("can't print the token: {error}")))
}

fn random_token() -> Result<String, Failure> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)
        .map_err(|error| Failure::new(format_args!("the system has no random numbers: {error}")))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits)))
}

/// The `[[operator]]` table that admits the token.
fn lines(wanted: &TokenCreate, token: &str) -> String {
    let hash = TokenHash(Sha256::digest(token).into());
    let mut table = Table::new();
    table.insert("name".to_owned(), Value::from(wanted.name.as_str()));
    table.insert("hash".to_owned(), Value::from(format!("sha256:{}", hash.to_hex())));
    let scopes: Vec<_> = wanted.scopes.iter().map(|scope| Value::from(scope.as_str())).collect();
    table.insert("scopes".to_owned(), Value::from(scopes));
    if let Some(moment) = wanted.expires {
        table.insert("expires".to_owned(), Value::from(moment.0.to_string()));
    }
    format!("[[operator]]\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::config::Config, services::settings::Scope};

    #[test]
    fn the_lines_admit_the_token() {
        let wanted = TokenCreate {
            name: "Ann \"the\" operator".to_owned(),
            scopes: vec![Scope::FeedbackRead, Scope::MetricsRead],
            expires: Some("2027-01-31".parse().unwrap()),
        };
        let token = random_token().unwrap();
        assert_eq!((token.len(), token.starts_with("tryit_op_")), (9 + 43, true));

        let text = format!("[source.a]\nimage = 'a'\n{}", lines(&wanted, &token));
        let config = Config::read(Some(("tryit.toml".into(), text)), []).unwrap();
        let [operator] = &config.services().operators[..] else { panic!("one operator") };
        assert_eq!(operator.name, wanted.name);
        assert_eq!(operator.hash, TokenHash(Sha256::digest(&token).into()));
        assert_eq!(operator.scopes, wanted.scopes);
        assert_eq!(operator.expires, wanted.expires.map(|moment| moment.0));
    }

    #[test]
    fn no_two_tokens_are_alike() {
        assert_ne!(random_token().unwrap(), random_token().unwrap());
    }
}
