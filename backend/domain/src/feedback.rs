//! What a visitor thinks of a session.

use crate::id::InvalidId;

/// 1 (bad) to 5 (good).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rating(u8);

impl Rating {
    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Rating {
    type Error = InvalidId;

    fn try_from(number: u8) -> Result<Self, InvalidId> {
        match number {
            1..=5 => Ok(Self(number)),
            _ => Err(InvalidId("expected a rating from 1 to 5")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_five_ratings() {
        let ratings: Vec<u8> =
            (0..=u8::MAX).filter_map(|n| Rating::try_from(n).ok()).map(Rating::get).collect();
        assert_eq!(ratings, [1, 2, 3, 4, 5]);
    }
}
