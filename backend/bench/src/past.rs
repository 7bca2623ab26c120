//! Databases with a past: one is seeded, and each service gets a copy of its own.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::{Outcome, seed};

/// A past that services can have had.
pub struct Past {
    /// How many sessions there were.
    pub sessions: u32,
    seeded: OnceCell<Database>,
}

/// A database of its own, which goes with its directory.
pub struct Database {
    directory: TempDir,
}

impl Past {
    /// A past with so many sessions; they are made when first asked for.
    pub fn of(sessions: u32) -> Self {
        Self { sessions, seeded: OnceCell::new() }
    }

    /// A database with it.
    pub async fn database(&self) -> Outcome<Database> {
        let seed = async || {
            let database = Database::new()?;
            eprintln!("  seeding {} past sessions", self.sessions);
            seed::sessions(&database.path(), self.sessions).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(database)
        };
        let seeded = self.seeded.get_or_try_init(seed).await?;
        let copy = Database::new()?;
        tokio::fs::copy(seeded.path(), copy.path()).await?;
        Ok(copy)
    }
}

impl Database {
    fn new() -> Outcome<Self> {
        Ok(Self { directory: tempfile::Builder::new().prefix("tryit-bench-").tempdir()? })
    }

    /// Its file.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("tryit.db")
    }
}
