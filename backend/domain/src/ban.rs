//! Bans of networks.

use std::{fmt, str::FromStr};

use crate::{id::InvalidId, session::words};

words! {
    /// Who made a ban.
    BanOrigin {
        /// The configuration: replaced each time it is loaded.
        Configuration = "configuration",
        /// An operator, at run time.
        Operator = "operator",
        /// The service itself, on signs of misuse.
        Detector = "detector",
    }
}

/// A ban.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BanId(pub i64);

impl fmt::Display for BanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BanId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self).map_err(|_| InvalidId("expected a ban's id (a number)"))
    }
}
