//! The tutorials, as read from their directory.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
};

use shared::tutorial::{Tutorial, TutorialSummary};
use tutorial::{Catalog, Files, Scenario, disk::Disk};

use super::{Error, Result, Services, settings};

/// The largest file of a tutorial that is served.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The tutorials that there are now.
pub(super) struct Library(RwLock<Arc<Shelf>>);

/// What was read from a directory.
struct Shelf {
    disk: Disk,
    catalog: Catalog,
}

impl Library {
    /// Reads the directory.
    pub(super) fn open(settings: &settings::Tutorials) -> io::Result<Self> {
        Ok(Self(RwLock::new(Arc::new(Shelf::read(settings)?))))
    }

    fn shelf(&self) -> Arc<Shelf> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, shelf: Shelf) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shelf);
    }
}

impl Shelf {
    /// What authors should put right is logged; it keeps no other tutorial from being read.
    fn read(settings: &settings::Tutorials) -> io::Result<Self> {
        let disk = Disk::open(&settings.directory)?;
        let catalog = Catalog::load(&disk);
        for problem in catalog.all_problems() {
            tracing::warn!(%problem, "a tutorial has a problem");
        }
        Ok(Self { disk, catalog })
    }
}

impl Services {
    /// Reads the tutorials again, from wherever the configuration says now. Where that can't be read, those that there
    /// are stay.
    pub async fn read_tutorials(&self) {
        let tutorials = self.settings().tutorials;
        let directory = tutorials.directory.display().to_string();
        let read = tokio::task::spawn_blocking(move || Shelf::read(&tutorials)).await;
        match read.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(shelf) => self.0.library.replace(shelf),
            Err(error) => {
                tracing::error!(directory, %error, "the tutorials can't be read: the old ones stay")
            }
        }
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
