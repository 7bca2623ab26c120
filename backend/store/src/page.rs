//! Pages of a list that grows while it is read: newest first, from where the last page ended.

use std::{fmt, num::ParseIntError, str::FromStr};

/// Where a page begins: below the last row of the one before. Rows that come later stand before the first page,
/// and rows never move, so that none is skipped and none comes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(i64);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page of `limit` rows from one row more than that, if there is one.
    pub(crate) fn new(mut items: Vec<T>, limit: u32, seq: impl Fn(&T) -> i64) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| Cursor(seq(last)));
        Self { items, next }
    }
}

/// What `seq` has to be below: the cursor, or everything.
pub(crate) fn below(cursor: Option<Cursor>) -> i64 {
    cursor.map_or(i64::MAX, |cursor| cursor.0)
}
