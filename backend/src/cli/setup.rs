//! `tryit setup`: prepares LXD for the service, or undoes that, and says what was done.

use std::{path::Path, str::FromStr};

use domain::Project;
use provider::{
    Error, Provider,
    lxd::{
        Lxd,
        setup::{Plan, apply, import_image, remove},
    },
};

use super::{
    Failure,
    args::Setup,
    check,
    config::{Config, Server},
};

/// An image's file, and the alias that it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImageFile {
    alias: String,
    file: std::path::PathBuf,
}

impl FromStr for ImageFile {
    type Err = String;

    /// `ALIAS=FILE`, or `FILE` alone: then the alias is `tryit-` and the file's name without its endings.
    fn from_str(text: &str) -> Result<Self, String> {
        let (alias, file) = match text.split_once('=') {
            Some((alias, file)) => (alias.to_owned(), Path::new(file)),
            None => {
                let file = Path::new(text);
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let stem = name.split('.').next().unwrap_or_default();
                (format!("tryit-{}", stem.trim_start_matches("tryit-")), file)
            }
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if alias.is_empty() || alias == "tryit-" || !alias.chars().all(plain) {
            return Err("expected FILE or ALIAS=FILE, like tryit-shell=shell.tar.gz".to_owned());
        }
        Ok(Self { alias, file: file.to_owned() })
    }
}

/// Makes what is missing and imports the images, or takes away what was made.
pub(super) async fn run(file: Option<&Path>, wanted: &Setup) -> Result<(), Failure> {
    let Server { settings, project } = Config::server(file)?;
    let lxd = Lxd::new(&settings).map_err(failed)?;
    let info = lxd.info().await.map_err(failed)?;
    println!("{} {} at {}", info.kind, info.version, lxd.server());
    let plan = Plan { pool_size: wanted.pool_size.clone(), ..Plan::new(project.clone()) };
    if wanted.remove {
        let steps = remove(&lxd, &plan).await.map_err(failed)?;
        steps.iter().for_each(|step| println!("  {step}"));
        if steps.is_empty() {
            println!("  nothing of ours is there");
        }
        return Ok(());
    }
    for step in apply(&lxd, &plan).await.map_err(failed)? {
        println!("  {step}");
    }
    for image in &wanted.images {
        let step = import_image(&lxd, &project, &image.file, &image.alias).await.map_err(failed)?;
        println!("  {step}");
    }
    println!("\n{}", next(&project, &wanted.images));
    Ok(())
}

/// What to do now.
fn next(project: &Project, images: &[ImageFile]) -> String {
    match images.first() {
        Some(image) => format!(
            "For tryit.toml:\n\n[source.{}]\nimage = \"{}\"\n\nThen: tryit check",
            image.alias.replace('.', "-"),
            image.alias
        ),
        None => format!(
            "Next, an image in the project {project}: tryit setup --image FILE, or `remote` in a source.\n\
             Then: tryit check"
        ),
    }
}

fn failed(error: Error) -> Failure {
    let remedy = check::remedy(&error);
    Failure::new(error).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_gets_the_alias_of_its_file_or_the_one_that_is_given() {
        let alias = |text: &str| text.parse::<ImageFile>().map(|image| image.alias);
        assert_eq!(alias("target/images/shell.tar.gz").as_deref(), Ok("tryit-shell"));
        assert_eq!(alias("tryit-lxd.tar.xz").as_deref(), Ok("tryit-lxd"));
        assert_eq!(alias("lesson=/srv/a=b.tar.gz").as_deref(), Ok("lesson"));
        for wrong in ["", "/", "=x", ".tar", "a b=x", "a/b=x"] {
            assert!(alias(wrong).is_err(), "{wrong:?}");
        }
    }
}
