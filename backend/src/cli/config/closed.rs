//! `[[ban]]` and `[maintenance]`: who may not start a session, and whether anybody may. Both hold beside what operators
//! set at run time.

use domain::address::Network;
use serde::Deserialize;
use store::{Closed, NewBan};

use super::{
    error::Mistake,
    values::{Moment, Parsed},
};

/// The longest reason or message, in characters.
const MAX_WORDS: usize = 1000;

/// A network whose visitors may not start a session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ban {
    /// A network in CIDR notation, or an address.
    pub network: Parsed<Network>,
    /// Why, for operators.
    #[serde(default)]
    pub reason: String,
    /// Until when; for good when left out.
    #[serde(default)]
    pub until: Option<Moment>,
}

/// Whether the service is closed to starts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Maintenance {
    /// Whether starts are refused.
    pub on: bool,
    /// What visitors are told then.
    pub message: Option<String>,
}

/// All bans.
pub(super) fn bans(table: Vec<Ban>) -> Result<Vec<NewBan>, Mistake> {
    let ban = |(at, ban): (usize, Ban)| {
        check(&format!("ban[{at}].reason"), &ban.reason)?;
        let until = ban.until.map(|moment| moment.0);
        Ok(NewBan { network: ban.network.0, reason: ban.reason.trim().to_owned(), until })
    };
    table.into_iter().enumerate().map(ban).collect()
}

/// The switch.
pub(super) fn closed(table: Maintenance) -> Result<Closed, Mistake> {
    let message = table.message.unwrap_or_default();
    check("maintenance.message", &message)?;
    let message = Some(message.trim().to_owned()).filter(|message| !message.is_empty());
    Ok(Closed { on: table.on, message })
}

fn check(key: &str, words: &str) -> Result<(), Mistake> {
    match words.chars().count() {
        0..=MAX_WORDS => Ok(()),
        count => {
            let message = format!("expected at most {MAX_WORDS} characters, found {count}");
            Err(Mistake::new(key, message))
        }
    }
}
