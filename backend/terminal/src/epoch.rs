//! The name of one run of a terminal's command.

use std::{fmt, str::FromStr};

/// One run of a terminal's command: output bytes count from 0 in each. Random, so that a restarted service does
/// not take numbers of an earlier run for its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(pub(crate) u64);

/// Why a text names no epoch. A browser that sends one has nothing of the present run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an epoch (16 hex digits)")]
pub struct NotAnEpoch;

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Epoch {
    type Err = NotAnEpoch;

    fn from_str(text: &str) -> Result<Self, NotAnEpoch> {
        let hex =
            text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hex {
            return Err(NotAnEpoch);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| NotAnEpoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_back() {
        for number in [0, 0x9f2c, u64::MAX] {
            assert_eq!(Epoch(number).to_string().parse(), Ok(Epoch(number)));
        }
        for wrong in ["", "9f2c", "+00000000000009f", "000000000000009G", "é23456789012345"] {
            assert_eq!(wrong.parse::<Epoch>(), Err(NotAnEpoch), "{wrong:?}");
        }
    }
}
