//! What can go wrong with the database, in words that say what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

use sqlx::migrate::MigrateError;

/// What the store answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store cannot do what it was asked. The words hold the cause, so that one line in the log says all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process has the database.
    #[error(
        "the database {path} is in use by another tryit{}: stop that one first, or give this one a database of its \
         own", .holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The database.
        path: PathBuf,
        /// The process, where it says so.
        holder: Option<u32>,
    },
    /// Another file is at the database's path now, or none.
    #[error(
        "the database {path} was moved, deleted or replaced while it was in use, and nothing is written any more: move \
         the same file back (not a copy), or stop the service, put the right file there (without files beside it that \
         end in -wal and -shm), and start it again"
    )]
    Moved {
        /// Where it was.
        path: PathBuf,
    },
    /// A newer tryit has written the database.
    #[error(
        "the database was written by a newer tryit (its migration {migration} is unknown here): run that version, \
         or restore the backup made before the upgrade"
    )]
    Newer {
        /// The first migration that is not known here.
        migration: i64,
    },
    /// The file is damaged, or no database.
    #[error(
        "the database{} is damaged or is not an SQLite file ({cause}): restore a backup (without the files beside it, \
         which end in -wal and -shm), or move the file away to begin anew",
        .path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default()
    )]
    Corrupt {
        /// The database, where it was just opened.
        path: Option<PathBuf>,
        /// What SQLite says.
        cause: sqlx::Error,
    },
    /// There is no room to write.
    #[error("there is no room left to write the database: free some space on its disk ({0})")]
    Full(sqlx::Error),
    /// The writers before this one took too long.
    #[error(
        "the database is too busy: too many writes wait, or another program holds its lock ({0})"
    )]
    Busy(sqlx::Error),
    /// The file cannot be opened or written.
    #[error("the database {path} cannot be opened: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A migration failed, or one that was applied has been changed since.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(MigrateError),
    /// No name was free for a container.
    #[error("no free name was found for a container")]
    NoFreeName,
    /// Anything else that SQLite says.
    #[error("the database failed: {0}")]
    Sqlite(sqlx::Error),
}

// Primary result codes, https://www.sqlite.org/rescode.html; the low byte of an extended one.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const NOT_A_DATABASE: i32 = 26;

impl Error {
    /// The same, with the file's name where the words lack it.
    pub(crate) fn at(self, file: &Path) -> Self {
        match self {
            Self::Corrupt { path: None, cause } => {
                Self::Corrupt { path: Some(file.to_owned()), cause }
            }
            error => error,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match primary_code(&error) {
            Some(CORRUPT | NOT_A_DATABASE) => Self::Corrupt { path: None, cause: error },
            Some(FULL) => Self::Full(error),
            Some(BUSY | LOCKED) => Self::Busy(error),
            _ if matches!(error, sqlx::Error::PoolTimedOut) => Self::Busy(error),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            // Migrations are only ever added, so one that is unknown is a newer version's.
            MigrateError::VersionMissing(migration) => Self::Newer { migration },
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, _)
                if primary_code(&error).is_some_and(|code| code != 1) =>
            {
                error.into()
            }
            other => Self::Migration(other),
        }
    }
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
