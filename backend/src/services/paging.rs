//! Which page of a list is asked for.

use shared::feedback::Page;
use store::Cursor;

use super::{Error, Result};

/// Rows of a page when the request doesn't say.
const DEFAULT_LIMIT: u32 = 50;
/// Rows of a page at most.
const MAX_LIMIT: u32 = 500;

/// `?cursor=&limit=`, as the query says it.
#[derive(Clone, Debug, Default)]
pub struct PageQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of the page.
    pub limit: Option<u32>,
}

impl PageQuery {
    /// Where the page begins and how long it is, if that makes sense.
    pub(super) fn parse(self) -> Result<(Option<Cursor>, u32)> {
        let parse = |cursor: String| {
            cursor.parse().map_err(|_| {
                Error::invalid("cursor", "Send the `next_cursor` of the page before, as it is.")
            })
        };
        let cursor = self.cursor.map(parse).transpose()?;
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::invalid("limit", "Ask for 1 to 500 rows."));
        }
        Ok((cursor, limit))
    }
}

/// A page of rows as operators see them.
pub(super) fn page<R, T>(page: store::Page<R>, item: impl FnMut(R) -> T) -> Page<T> {
    Page {
        items: page.items.into_iter().map(item).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    }
}
