//! The database's file: one process at a time has it, by whatever name, and it is to stay where it is.

use std::{
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::{Error, Result, lock::Lock};

/// The file, held as long as it lives.
///
/// Closing any handle of a file drops the POSIX locks that SQLite holds on it: this one is opened before SQLite opens
/// the file, and closed after SQLite has closed it. What it holds itself (`flock`) SQLite does not see.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    identity: Identity,
    own: File,
    _beside: Lock,
}

/// With less than this left on its disk, in bytes, the database counts as one that cannot be written. The log begins
/// anew when it is full, so that the smallest writes go on for a while where a start finds no room.
const ROOM: u64 = 512 * 1024;

/// What tells one file from all others, whatever they are called.
type Identity = (u64, u64);

impl DatabaseFile {
    /// Makes the file where there is none, for its owner's eyes only (it holds the secret), and has it alone. The lock
    /// beside it keeps others out when the file is replaced, the one on it when it has another name, too.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let failed = |cause| Error::File { path: path.to_owned(), cause };
        let mut options = OpenOptions::new();
        let own = options.append(true).create(true).mode(0o600).open(path).map_err(failed)?;
        // Through whatever link it is opened, the files beside it are the same.
        let path = fs::canonicalize(path).map_err(failed)?;
        let beside = Lock::take(&path)?;
        match own.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path, holder: None }),
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        let identity = identity(&own.metadata().map_err(failed)?);
        Ok(Self { path, identity, own, _beside: beside })
    }

    /// The one path that it has, links resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to it.
    pub(crate) fn check_place(&self) -> Result<()> {
        match fs::metadata(&self.path) {
            Ok(found) if identity(&found) == self.identity => Ok(()),
            _ => Err(Error::Moved { path: self.path.clone() }),
        }
    }

    /// Whether its disk has room for more. One that does not say counts as having.
    pub(crate) fn check_room(&self) -> Result<()> {
        let Ok(disk) = rustix::fs::fstatvfs(&self.own) else { return Ok(()) };
        if disk.f_bavail.saturating_mul(disk.f_frsize) >= ROOM {
            return Ok(());
        }
        Err(Error::Full(sqlx::Error::Io(io::ErrorKind::StorageFull.into())))
    }
}

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}
