//! The tutorials, as read from their directory.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use shared::tutorial::{Tutorial, TutorialSummary};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use tutorial::{
    Catalog, Files, Scenario,
    disk::{Disk, Stamp},
};

use super::{Error, Result, Services, settings};

/// The largest file of a tutorial that is served.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// How often their directory is looked at. A change is read once two looks in a row find the same: what somebody is still
/// writing is left alone.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The share of the time that looking may take: a large directory on a slow disk is looked at less often.
const LOOK_SHARE: u32 = 20;

/// The tutorials that there are now.
pub(super) struct Library {
    shelf: RwLock<Arc<Shelf>>,
    /// The directory when it was last read; none where it could not be looked at.
    read: Mutex<Option<Stamp>>,
}

/// What was read from a directory.
struct Shelf {
    disk: Disk,
    catalog: Catalog,
}

impl Library {
    /// Reads the directory.
    pub(super) fn open(settings: &settings::Tutorials) -> io::Result<Self> {
        // Before the reading: what is written meanwhile is another state.
        let stamp = Stamp::of(&settings.directory)?;
        let shelf = Shelf::read(settings, &Catalog::default())?;
        Ok(Self { shelf: RwLock::new(Arc::new(shelf)), read: Mutex::new(Some(stamp)) })
    }

    fn shelf(&self) -> Arc<Shelf> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, shelf: Shelf) {
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shelf);
    }
}

impl Shelf {
    /// What authors should put right is logged, unless it was `before`; it keeps no other tutorial from being read.
    fn read(settings: &settings::Tutorials, before: &Catalog) -> io::Result<Self> {
        let disk = Disk::open(&settings.directory)?;
        let catalog = Catalog::load_after(&disk, before);
        for problem in catalog.all_problems() {
            if !before.all_problems().any(|known| known == problem) {
                tracing::warn!(%problem, "a tutorial has a problem");
            }
        }
        Ok(Self { disk, catalog })
    }
}

impl Services {
    /// Reads the tutorials again, from wherever the configuration says now. Where that can't be read, those that there
    /// are stay; so does each that has become unusable.
    pub async fn read_tutorials(&self) {
        let mut last_read = self.0.library.read.lock().await;
        let tutorials = self.settings().tutorials;
        let before = self.0.library.shelf();
        let directory = tutorials.directory.display().to_string();
        let read = tokio::task::spawn_blocking(move || {
            let stamp = Stamp::of(&tutorials.directory).ok();
            (stamp, Shelf::read(&tutorials, &before.catalog))
        });
        let (stamp, shelf) =
            read.await.unwrap_or_else(|error| (*last_read, Err(io::Error::other(error))));
        *last_read = stamp;
        match shelf {
            Ok(shelf) => {
                let count = shelf.catalog.scenarios().len();
                self.0.library.replace(shelf);
                tracing::info!(directory, count, "the tutorials were read again");
            }
            Err(error) => {
                tracing::error!(directory, %error, "the tutorials can't be read: the old ones stay")
            }
        }
    }

    /// Reads the tutorials again each time that something in their directory has changed, until `stop`. The directory is
    /// looked at, not watched, for the reasons that the configuration's files are: a link that is moved, a bind mount and a
    /// network file system tell nobody.
    pub async fn follow_tutorials(&self, stop: CancellationToken) {
        let following = async {
            let mut seen = None;
            loop {
                let began = Instant::now();
                let directory = self.settings().tutorials.directory;
                let look = tokio::task::spawn_blocking(move || Stamp::of(&directory).ok());
                let Ok(now) = look.await else { return };
                let has_settled = seen.replace(now) == Some(now);
                if has_settled && now != *self.0.library.read.lock().await {
                    self.read_tutorials().await;
                }
                sleep(LOOK_EVERY.max(began.elapsed() * LOOK_SHARE)).await;
            }
        };
        stop.run_until_cancelled(following).await;
    }

    /// The list, the default language's.
    pub fn tutorials(&self) -> Vec<TutorialSummary> {
        self.0.library.shelf().catalog.summaries(None)
    }

    /// One whole tutorial.
    pub fn tutorial(&self, slug: &str, lang: Option<&str>) -> Result<Tutorial> {
        self.with_scenario(slug, |scenario| scenario.tutorial(lang).clone())
    }

    /// A file that a tutorial's pages show.
    pub async fn tutorial_file(&self, slug: &str, name: &str) -> Result<Vec<u8>> {
        let no_file = || Error::not_found("The tutorial has no such file.");
        let path = self
            .with_scenario(slug, |scenario| scenario.file(name).cloned())?
            .ok_or_else(no_file)?;
        let services = self.clone();
        let read = move || services.0.library.shelf().disk.read(&path, MAX_FILE_BYTES);
        let content =
            tokio::task::spawn_blocking(read).await.map_err(|error| Error::internal(&error))?;
        content.map_err(|_| no_file())
    }

    /// The slug behind `/`: the configured one, else the first there is.
    pub(super) fn default_tutorial(&self) -> Option<String> {
        let configured = self.0.settings.borrow().tutorials.default.clone();
        configured.or_else(|| {
            let shelf = self.0.library.shelf();
            Some(shelf.catalog.scenarios().first()?.slug.as_str().to_owned())
        })
    }

    /// Asks something of a tutorial, if there is one of that name.
    pub(super) fn with_scenario<T>(
        &self,
        slug: &str,
        ask: impl FnOnce(&Scenario) -> T,
    ) -> Result<T> {
        let shelf = self.0.library.shelf();
        let scenario = shelf.catalog.get(slug);
        scenario.map(ask).ok_or_else(|| Error::not_found("There is no tutorial of this name."))
    }
}
