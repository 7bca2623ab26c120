//! `[[operator]]`: who may use the operator routes.

use domain::TokenHash;
use serde::Deserialize;

use super::{
    error::Mistake,
    values::{Moment, Parsed},
};
use crate::services::settings::{OperatorToken, Scope};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// One token, as `tryit token create` prints it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operator {
    /// Whose it is.
    pub name: String,
    /// `sha256:` and the SHA-256 of the token in hex.
    pub hash: Parsed<TokenHash>,
    /// What it may do.
    pub scopes: Vec<Parsed<Scope>>,
    /// When it stops working; never when left out.
    #[serde(default)]
    pub expires: Option<Moment>,
}

/// All tokens.
pub(super) fn tokens(table: Vec<Operator>) -> Result<Vec<OperatorToken>, Mistake> {
    let token = |(at, operator): (usize, Operator)| {
        let wrong =
            |key: &str, message: &str| Err(Mistake::new(format!("operator[{at}].{key}"), message));
        if operator.name.trim().is_empty() || operator.name.chars().count() > MAX_NAME {
            let message =
                "expected a name of at most 100 characters, to tell tokens apart in the audit";
            return wrong("name", message);
        }
        if operator.scopes.is_empty() {
            return wrong("scopes", "expected at least one scope, like \"feedback:read\"");
        }
        Ok(OperatorToken {
            name: operator.name,
            hash: operator.hash.0,
            scopes: operator.scopes.into_iter().map(|scope| scope.0).collect(),
            expires: operator.expires.map(|moment| moment.0),
        })
    };
    let tokens: Vec<_> = table.into_iter().enumerate().map(token).collect::<Result<_, _>>()?;
    for (at, token) in tokens.iter().enumerate() {
        if tokens[..at].iter().any(|other| other.name == token.name) {
            let message =
                format!("expected a name of its own, found {:?} a second time", token.name);
            return Err(Mistake::new(format!("operator[{at}].name"), message));
        }
    }
    Ok(tokens)
}
