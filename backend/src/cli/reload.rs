//! Reads the configuration again while the service runs: on SIGHUP, and when one of its files changes.
//!
//! The files are looked at, not watched: editors and `sed -i` put a new file in the old one's place, bind mounts and
//! Kubernetes' config maps swap a link further up, network file systems tell nobody; each of these leaves a watch on the
//! old file without a word. A look costs one `stat` a file and second, and misses none of them.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    signal::unix::Signal,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{app::Reload, config::Config, logging::Level};

/// How often the files are looked at. A change is read once two looks in a row find the same: what an editor has
/// emptied and not yet written again is left alone.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What tells one state of a file from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    /// Device and inode, size, times of the last change of content and of anything: none where there is no file.
    state: Option<[i128; 4]>,
    path: PathBuf,
}

/// Hands a changed configuration to the parts of the service.
pub(super) struct Reloader {
    parts: Reload,
    level: Option<Level>,
    file: PathBuf,
    /// What the service was started with: keys that are read once have its values.
    started: Config,
    /// What is in force.
    current: Config,
    /// The files when they were last read.
    read: Vec<Stamp>,
    /// The files at the last look.
    seen: Vec<Stamp>,
    /// Why what is there now is not in force, as it was said last.
    wrong: Option<String>,
}

impl Reloader {
    /// Follows the file that `config` came from; none where it came from no file.
    pub fn new(config: Config, parts: Reload, level: Option<Level>) -> Option<Self> {
        let file = config.file.clone()?;
        let started = config.clone();
        let (read, seen) = (Vec::new(), Vec::new());
        Some(Self { parts, level, file, started, current: config, read, seen, wrong: None })
    }

    /// Goes on until `stop`.
    pub async fn run(mut self, mut hangup: Signal, stop: CancellationToken) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Once more at the start: what was changed while the service came up is not to be missed.
        self.load().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(()) = hangup.recv() => {
                    // Who asks is answered, also a second time.
                    self.wrong = None;
                    self.load_and_tell().await;
                    self.parts.read_tutorials().await;
                }
                _ = looks.tick() => self.look().await,
            }
        }
    }

    /// Looks at the files, and reads them when they have changed and stayed so since the last look. What could not be
    /// used is tried again each time: what it lacked (a file of terms, room in the database) may be there by now.
    async fn look(&mut self) {
        let now = self.stamps().await;
        let settled = now == self.seen;
        self.seen = now;
        if settled && (self.seen != self.read || self.wrong.is_some()) {
            self.load_and_tell().await;
        }
    }

    async fn load_and_tell(&mut self) {
        if self.load().await {
            tracing::info!(file = %self.file.display(), "the configuration was read again");
        }
    }

    /// Puts what is in the file in force; false where that can't be, which is told once.
    async fn load(&mut self) -> bool {
        // Before the reading: what is written meanwhile is another state.
        self.read = self.stamps().await;
        let file = self.file.clone();
        let loaded = tokio::task::spawn_blocking(move || Config::load(Some(&file))).await;
        let outcome = match loaded {
            Ok(Ok(config)) => self.put_in_force(config).await,
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let wrong = outcome.err();
        if let Some(error) = wrong.as_ref().filter(|_| wrong != self.wrong) {
            tracing::error!(%error, "the configuration cannot be used: the old one stays in force");
        }
        self.wrong = wrong;
        self.wrong.is_none()
    }

    async fn put_in_force(&mut self, config: Config) -> Result<(), String> {
        self.parts.hand_out(&config).await.map_err(|error| error.to_string())?;
        if let Some(level) =
            self.level.as_ref().filter(|_| config.log.level != self.current.log.level)
        {
            level.set(&config.log.level);
        }
        if config.services().tutorials.directory != self.current.services().tutorials.directory {
            self.parts.read_tutorials().await;
        }
        let told: Vec<_> = self.current.restart_keys(&self.started).collect();
        for key in config.restart_keys(&self.started) {
            let anew = config.restart_keys(&self.current).any(|changed| changed == key);
            if anew || !told.contains(&key) {
                tracing::warn!(
                    key,
                    "this key is read once, at the start: restart the service to put it in force"
                );
            }
        }
        // The terms may be in other files now; these were just read.
        self.current = config;
        Ok(())
    }

    async fn stamps(&self) -> Vec<Stamp> {
        let (file, included) = (self.file.clone(), self.current.included.clone());
        let look = tokio::task::spawn_blocking(move || stamps(&file, &included));
        look.await.unwrap_or_default()
    }
}

fn stamps(file: &Path, included: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |path: &Path| Stamp {
        state: fs::metadata(path).ok().map(|file| {
            let time =
                |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
            [
                i128::from(file.dev()) << 64 | i128::from(file.ino()),
                file.size().into(),
                time(file.mtime(), file.mtime_nsec()),
                time(file.ctime(), file.ctime_nsec()),
            ]
        }),
        path: path.to_owned(),
    };
    std::iter::once(file).chain(included.iter().map(PathBuf::as_path)).map(stamp).collect()
}
