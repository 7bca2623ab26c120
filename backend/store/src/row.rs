//! Reads columns as the types they stand for.

use std::{error::Error as StdError, str::FromStr};

use domain::{InstanceRef, UnixMs};
use sqlx::{Error, Row, sqlite::SqliteRow};

/// A text column that is parsed.
pub(crate) fn parsed<T>(row: &SqliteRow, column: &str) -> Result<T, Error>
where
    T: FromStr<Err: StdError + Send + Sync + 'static>,
{
    parse(column, row.try_get(column)?)
}

/// The same, where there may be none.
pub(crate) fn parsed_or_none<T>(row: &SqliteRow, column: &str) -> Result<Option<T>, Error>
where
    T: FromStr<Err: StdError + Send + Sync + 'static>,
{
    row.try_get::<Option<&str>, _>(column)?.map(|text| parse(column, text)).transpose()
}

/// The container that a row names in its columns `project` and `name`.
pub(crate) fn instance(row: &SqliteRow) -> Result<InstanceRef, Error> {
    Ok(InstanceRef { project: parsed(row, "project")?, name: parsed(row, "name")? })
}

/// A moment.
pub(crate) fn moment(row: &SqliteRow, column: &str) -> Result<UnixMs, Error> {
    row.try_get(column).map(UnixMs)
}

/// A moment that may not have come.
pub(crate) fn moment_or_none(row: &SqliteRow, column: &str) -> Result<Option<UnixMs>, Error> {
    row.try_get::<Option<i64>, _>(column).map(|at| at.map(UnixMs))
}

/// Whatever says that a column does not hold what it should.
pub(crate) fn wrong(column: &str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}

fn parse<T>(column: &str, text: &str) -> Result<T, Error>
where
    T: FromStr<Err: StdError + Send + Sync + 'static>,
{
    text.parse().map_err(|error| wrong(column, error))
}
