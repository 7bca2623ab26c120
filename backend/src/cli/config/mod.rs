//! The configuration: one TOML file, the environment's `TRYIT_…` variables over it, read into each part's settings.
//!
//! [`Config::load`] finds, reads and checks everything; what it gives back can be used as it is. A reload is another
//! `load`, whose parts take the old ones' place.

mod closed;
mod error;
mod file;
mod find;
mod layers;
mod limits;
mod lxd;
mod network;
mod once;
mod operator;
mod parts;
mod source;
mod terms;
mod values;
mod web;
mod words;

#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use domain::Project;
pub use error::{ConfigError, Place};
pub use file::{Log, LogFormat};
pub(in crate::cli) use layers::TOKEN_VARIABLE;
pub(crate) use values::Moment;

use crate::jobs;
use error::Mistake;
use file::File;
use layers::Layers;

/// A configuration that was checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// Variables that begin with `TRYIT_` and are no keys; worth a warning.
    pub ignored_variables: Vec<String>,
    /// The SQLite file.
    pub database: PathBuf,
    /// What is logged, and how.
    pub log: Log,
    /// Further files that were read: those of the terms.
    pub included: Vec<PathBuf>,
    /// Whether the terms are the example that the program brings along.
    pub example_terms: bool,
    once: once::Once,
    parts: parts::Parts,
}

/// The server of containers, and what is to be prepared on it.
#[derive(Clone, Debug)]
pub struct Server {
    /// How it is reached.
    pub settings: provider::lxd::Settings,
    /// The project of sources that name none.
    pub project: Project,
    /// The project of sources with `nesting` that name none.
    pub nested_project: Project,
    /// The containers' network.
    pub network: jobs::outward::Settings,
    /// Local images that sources are made from, each with the project it is needed in.
    pub images: Vec<(String, Project)>,
}

impl Config {
    /// Finds the file (`explicit`, `TRYIT_CONFIG`, `./tryit.toml`, `/etc/tryit/tryit.toml`), reads it, lays the
    /// environment over it, and checks it all.
    ///
    /// # Errors
    ///
    /// The first mistake: where it is, which key, what was expected.
    pub fn load(explicit: Option<&Path>) -> Result<Self, ConfigError> {
        let (file, variables) = written(explicit)?;
        Self::read(file, variables)
    }

    /// Reads what there is to know before there need be a source, from wherever [`Config::load`] reads: `[lxd]`,
    /// `[network]`, and which images the sources want.
    ///
    /// # Errors
    ///
    /// A key that cannot be read, or a mistake in those tables.
    pub fn server(explicit: Option<&Path>) -> Result<Server, ConfigError> {
        let (file, variables) = written(explicit)?;
        Self::read_server(file, variables)
    }

    /// Reads a file's text as [`Config::server`] does.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read_server(
        file: Option<(PathBuf, String)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Server, ConfigError> {
        let layers = Layers::read(file, variables, file::TOP)?;
        let server = parse(&layers).and_then(|keys| {
            let images = keys.source.values().filter_map(|source| {
                let image = source.image.as_ref()?.0.clone();
                Some(source.project(&keys.lxd).map(|project| (image, project)))
            });
            Ok(Server {
                settings: lxd::settings(&keys.lxd, layers.base())?,
                nested_project: keys.lxd.nested_project()?,
                network: network::settings(&keys.network, &keys.lxd.project, Vec::new())?,
                images: images.collect::<Result<_, _>>()?,
                project: keys.lxd.project.clone(),
            })
        });
        server.map_err(|mistake| layers.locate(mistake))
    }

    /// Reads a file's text with the given variables over it.
    ///
    /// # Errors
    ///
    /// As [`Config::load`].
    pub fn read(
        file: Option<(PathBuf, String)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let path = file.as_ref().map(|(path, _)| path.clone());
        let layers = Layers::read(file, variables, file::TOP)?;
        let config = parse(&layers).and_then(|keys| Self::check(keys, layers.base()));
        let mut config = config.map_err(|mistake| layers.locate(mistake))?;
        config.file = path;
        config.ignored_variables = layers.ignored;
        Ok(config)
    }

    /// What `tryit preview` runs on: defaults, one source, and nothing from any file or variable.
    ///
    /// # Errors
    ///
    /// A `listen` address that is not loopback: the preview sandbox is for whoever sits at the machine.
    pub fn for_preview(
        listen: SocketAddr,
        tutorials: PathBuf,
        database: PathBuf,
    ) -> Result<Self, ConfigError> {
        let layers = Layers::read(None, [], file::TOP)?;
        if !listen.ip().is_loopback() {
            let message =
                format!("expected a loopback address like \"127.0.0.1:8080\", found \"{listen}\"");
            return Err(layers.locate(Mistake::new("listen", message)));
        }
        let mut keys = File { listen: values::Parsed(listen), database, ..File::default() };
        keys.tutorials.directory = tutorials;
        keys.source.extend([source::Source::preview()]);
        Self::check(keys, Path::new("")).map_err(|mistake| layers.locate(mistake))
    }

    /// The keys that are read once, at the start, and are not what they are in `other`.
    pub fn restart_keys<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'static str> + 'a {
        self.once.differences(&other.once)
    }

    /// Checks what the keys mean together. Relative paths start in `base`.
    fn check(file: File, base: &Path) -> Result<Self, Mistake> {
        if tracing_subscriber::EnvFilter::try_new(&file.log.level).is_err() {
            let found = &file.log.level;
            let message = format!(
                "expected error, warn, info, debug or trace, perhaps for single parts like \"info,tryit=debug\", \
                 found {found:?}"
            );
            return Err(Mistake::new("log.level", message));
        }
        let database = base.join(&file.database);
        Ok(Self {
            file: None,
            ignored_variables: Vec::new(),
            included: terms::files(&file.terms, base),
            once: once::Once::new(&file, &database),
            database,
            log: file.log.clone(),
            example_terms: file.terms.is_empty(),
            parts: parts::Parts::new(file, base)?,
        })
    }
}

/// The file's path and text, if there is one, and the environment's variables.
type Written = (Option<(PathBuf, String)>, Vec<(String, String)>);

fn written(explicit: Option<&Path>) -> Result<Written, ConfigError> {
    let variables: Vec<_> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Ok((find::read(explicit, &variables)?, variables))
}

fn parse(layers: &Layers) -> Result<File, Mistake> {
    serde_path_to_error::deserialize(layers.table.clone())
        .map_err(|error| words::mistake(&error.path().to_string(), error.inner().message()))
}
