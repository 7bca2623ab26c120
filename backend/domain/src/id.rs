//! Ids as newtypes, each parsed once, at the edge.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(pub &'static str);

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(Uuid);

impl SessionId {
    /// A fresh random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidId("expected a session id (a UUID)"))
    }
}

/// One database's mark on its containers, `user.tryit.server`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerId(Uuid);

impl ServerId {
    /// A fresh random id, for a new database.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for ServerId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidId("expected a server id (a UUID)"))
    }
}

/// SHA-256 of a token: what is stored in its place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// Lower-case hex, as the configuration writes it.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl FromStr for TokenHash {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        const WRONG: InvalidId = InvalidId("expected 64 hex digits (SHA-256)");
        if text.len() != 64 || !text.is_ascii() {
            return Err(WRONG);
        }
        let mut hash = [0; 32];
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| WRONG)?;
        }
        Ok(Self(hash))
    }
}

/// Hashes are no secrets, but of no use in a log either.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $max:literal, $allowed:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() || text.len() > $max || !text.chars().all(allowed) {
                    return Err(InvalidId($expected));
                }
                Ok(Self(text))
            }
        }

        impl FromStr for $type {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.to_owned().try_into()
            }
        }
    };
}

name! {
    /// A container's name, like `tryit-brave-otter`.
    InstanceName, 63, |c| c.is_ascii_alphanumeric() || c == '-',
    "expected an instance name (letters, digits and hyphens, at most 63)"
}
name! {
    /// An LXD project.
    Project, 64, |c| !c.is_control() && !c.is_whitespace() && c != '/' && c != '_' && c != '\'' && c != '"' && c != '*',
    "expected the name of an LXD project"
}
name! {
    /// A `[source.NAME]` of the configuration.
    SourceName, 64, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_',
    "expected a source's name (letters, digits, hyphens and underscores, at most 64)"
}

impl InstanceName {
    /// Random names without end, for who takes the first that is free: after a few, with a suffix.
    pub fn candidates() -> impl Iterator<Item = Self> + Send {
        (0_u32..).map(|tried| Self::from_number(Uuid::new_v4().as_u64_pair().1, tried >= 4))
    }

    /// The name that a number stands for, like `tryit-brave-otter`. `number` is random; names can repeat, so who
    /// asks tries again with another number when the name is taken (after a few tries with a suffix).
    pub fn from_number(number: u64, suffix: bool) -> Self {
        let words = [ADJECTIVES, ANIMALS].map(|list| list.len() as u64);
        let adjective = ADJECTIVES[(number % words[0]) as usize];
        let animal = ANIMALS[(number / words[0] % words[1]) as usize];
        let rest = number / (words[0] * words[1]);
        match suffix {
            false => Self(format!("tryit-{adjective}-{animal}")),
            true => Self(format!("tryit-{adjective}-{animal}-{:04x}", rest & 0xffff)),
        }
    }
}

const ADJECTIVES: &[&str] = &[
    "able", "amber", "bold", "brave", "bright", "brisk", "busy", "calm", "clever", "cosy",
    "curious", "deft", "eager", "early", "fair", "fancy", "fleet", "fond", "fresh", "gentle",
    "glad", "golden", "grand", "happy", "hardy", "honest", "humble", "jolly", "keen", "kind",
    "lively", "loyal", "lucky", "mellow", "merry", "mighty", "modest", "neat", "nimble", "noble",
    "patient", "plucky", "polite", "proud", "quick", "quiet", "rapid", "ready", "robust", "rosy",
    "serene", "sharp", "silver", "smart", "smooth", "snug", "sound", "spry", "steady", "sunny",
    "swift", "tidy", "trusty", "vivid", "warm", "wise", "witty", "zesty",
];

const ANIMALS: &[&str] = &[
    "alpaca", "badger", "beaver", "bee", "bison", "bobcat", "camel", "cat", "civet", "cobra",
    "condor", "crane", "cricket", "deer", "dingo", "dolphin", "dove", "duck", "eagle", "egret",
    "elk", "falcon", "ferret", "finch", "fox", "frog", "gecko", "gibbon", "goose", "hare", "hawk",
    "heron", "hornet", "ibex", "iguana", "jackal", "jaguar", "kestrel", "kiwi", "koala", "lark",
    "lemur", "lion", "llama", "lynx", "magpie", "marmot", "mole", "moose", "newt", "ocelot",
    "orca", "osprey", "otter", "owl", "panda", "panther", "parrot", "pelican", "penguin", "puffin",
    "puma", "quail", "rabbit", "raven", "robin", "salmon", "seal", "shrew", "sloth", "sparrow",
    "squid", "stork", "swan", "tapir", "tiger", "toad", "trout", "turtle", "viper", "walrus",
    "weasel", "whale", "wolf", "wombat", "wren", "yak", "zebra",
];

/// A terminal of a session, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalNumber(u8);

impl TerminalNumber {
    /// The terminal that every session has.
    pub const FIRST: Self = Self(1);

    /// Terminal `n`, or none for 0.
    pub fn new(n: u8) -> Option<Self> {
        (n > 0).then_some(Self(n))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for TerminalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_parsed_not_trusted() {
        assert!("tryit-brave-otter".parse::<InstanceName>().is_ok());
        for wrong in ["", "a/b", "a b", "../x", &"a".repeat(64)] {
            assert!(wrong.parse::<InstanceName>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_number_gives_a_name_lxd_takes() {
        for number in [0, 1, 67, 68, 12_345, u64::MAX] {
            for suffix in [false, true] {
                let name = InstanceName::from_number(number, suffix);
                assert!(name.as_str().parse::<InstanceName>().is_ok(), "{name}");
            }
        }
        assert_ne!(InstanceName::from_number(1, false), InstanceName::from_number(2, false));
    }

    #[test]
    fn candidates_get_suffixes_when_plain_names_are_taken() {
        let names: Vec<_> = InstanceName::candidates().take(6).collect();
        assert_eq!(names[0].as_str().split('-').count(), 3);
        assert_eq!(names[5].as_str().split('-').count(), 4);
        assert_ne!(names[4], names[5]);
    }

    #[test]
    fn a_hash_survives_hex() {
        let hash = TokenHash([0xa7; 32]);
        assert_eq!(hash.to_hex().parse(), Ok(hash));
        assert!("zz".repeat(32).parse::<TokenHash>().is_err());
        assert!("é".repeat(32).parse::<TokenHash>().is_err());
    }
}
