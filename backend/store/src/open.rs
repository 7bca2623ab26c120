//! Opens the database: one process, one writer, many readers.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{ServerId, SessionId};
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool,
    migrate::Migrator,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{runtime::Handle, sync::broadcast};

use crate::{
    Error, Result, file::DatabaseFile, health::Health, look, secret::Secret, server, write::Write,
};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How long a reader waits for its turn, and anybody for another program that holds the file.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a writer waits for the writers before it: many may start at once, and none is refused for that.
const TURN: Duration = Duration::from_secs(30);
const READERS: u32 = 4;
/// How long the reader of reports stays open: it is used seldom, and its memory is worth more.
const REPORTS_IDLE: Duration = Duration::from_secs(60);
/// Changes that a slow subscriber may fall behind before it is told that it missed some.
const CHANGES_KEPT: usize = 1024;

/// The database. Cheap to clone; the file's lock is let go with the last clone.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: SqlitePool,
    readers: SqlitePool,
    reports: SqlitePool,
    changes: broadcast::Sender<SessionId>,
    commits: Arc<AtomicU64>,
    health: Arc<Health>,
    server_id: ServerId,
    secret: Secret,
    runtime: Handle,
    /// Last: it must outlive every connection.
    file: DatabaseFile,
}

impl Store {
    /// Opens the database at `path`, makes it where there is none, and brings it up to date. Must be called within a
    /// tokio runtime that goes on until [`Store::close`].
    ///
    /// Fails with [`Error::Locked`] when another process has it, [`Error::Newer`] when a newer version wrote it,
    /// [`Error::Corrupt`] when it is damaged.
    pub async fn open(path: &Path) -> Result<Self> {
        Self::open_file(path).await.map_err(|error| error.at(path))
    }

    async fn open_file(path: &Path) -> Result<Self> {
        let file = DatabaseFile::take(path)?;
        let path = file.path().to_owned();

        let has_log = has_log(&path);
        let writer = pool(1)
            .acquire_timeout(TURN)
            .before_acquire(|connection, _| Box::pin(is_fit(connection)))
            .connect_with(options(&path))
            .await?;
        if has_log {
            look::damage(&mut *writer.acquire().await?).await?;
        }
        MIGRATIONS.run(&writer).await?;
        let (server_id, secret) = server::identity(&writer).await?;
        let readers = pool(READERS).connect_with(options(&path).read_only(true)).await?;
        let reports = pool(1)
            .min_connections(0)
            .idle_timeout(REPORTS_IDLE)
            .connect_lazy_with(options(&path).read_only(true));

        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let (commits, health) = Default::default();
        Ok(Self(Arc::new(Inner {
            writer,
            readers,
            reports,
            changes,
            commits,
            health,
            server_id,
            secret,
            runtime: Handle::current(),
            file,
        })))
    }

    /// Waits for what is under way, then closes the file. Whatever is asked afterwards fails.
    pub async fn close(&self) {
        // The writer last: its closing moves the log into the database file.
        self.0.reports.close().await;
        self.0.readers.close().await;
        self.0.writer.close().await;
    }

    /// The sessions that writes change, each after its commit. Who lags ([`broadcast::error::RecvError::Lagged`])
    /// has to take it that every session has changed.
    pub fn changes(&self) -> broadcast::Receiver<SessionId> {
        self.0.changes.subscribe()
    }

    /// Has those who follow changes take a session for changed, when something else than its row has.
    pub fn announce(&self, session: SessionId) {
        // Nobody may be listening.
        let _ = self.0.changes.send(session);
    }

    /// How many writes were committed: what was read after asking for it holds as long as it stays the same.
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Acquire)
    }

    /// The mark on this database's containers.
    pub fn server_id(&self) -> ServerId {
        self.0.server_id
    }

    /// The token that an idempotency key stands for: the same key, the same token.
    pub fn derive_token(&self, key: &str) -> [u8; 32] {
        self.0.secret.token(key)
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// Where the database was opened, which outlives whoever uses it: what is begun there is waited for by
    /// [`Store::close`], whatever becomes of the request that gave rise to it.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    pub(crate) fn health(&self) -> &Health {
        &self.0.health
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.0.readers
    }

    /// Whether the file that is open is still the one at its path. Where it is not, nothing is written: it would be
    /// lost with the process, or found beside a log that is another file's.
    pub fn check_place(&self) -> Result<()> {
        let in_place = self.0.file.check_place();
        if in_place.is_err() {
            self.0.health.note(&in_place);
        }
        in_place
    }

    pub(crate) fn check_room(&self) -> Result<()> {
        self.0.file.check_room()
    }

    /// The one reader of what may read much of the past: who asks for that waits for others who do, never visitors.
    pub(crate) async fn reports(&self) -> Result<PoolConnection<Sqlite>> {
        // It may have to be opened anew: not what is at the path by now.
        self.check_place()?;
        Ok(self.0.reports.acquire().await?)
    }

    /// Begins a write: waits for its turn, then has the database alone until it commits or is dropped.
    pub(crate) async fn write(&self) -> Result<Write> {
        self.check_place()?;
        let begun = self.0.writer.begin_with("begin immediate").await.map_err(Error::from);
        if begun.is_err() {
            // One that is begun says at its end what became of it.
            self.0.health.note(&begun);
        }
        let (changes, commits) = (self.0.changes.clone(), Arc::clone(&self.0.commits));
        Ok(Write::new(begun?, changes, commits, Arc::clone(&self.0.health)))
    }
}

/// Whether the writer can begin anew. A commit that found no room has been rolled back by SQLite itself, so that rolling
/// back fails, and the connection counts as within a transaction for ever: it is replaced by another one.
async fn is_fit(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is on its way comes first.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Whether a log lies beside the file: the last process did not close it.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(PATIENCE)
}

/// Connections that are kept: opening one again would only cost time.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}
