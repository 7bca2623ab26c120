//! `tryit preview`: what is to be shown, looked at before anything is served.

use tutorial::{Catalog, disk::Disk};

use super::{Failure, PreviewOptions, args::Preview};

const REMEDY: &str = "Name a scenario directory, which has an index.json, or a directory of them.";

/// Where the tutorials are, if there are any.
pub(super) fn options(asked: &Preview) -> Result<PreviewOptions, Failure> {
    let name = asked.directory.display();
    let disk = Disk::open(&asked.directory)
        .map_err(|error| Failure::new(format_args!("can't read {name}: {error}")).remedy(REMEDY))?;
    let catalog = Catalog::load(&disk);
    if catalog.scenarios().is_empty() {
        let problems: Vec<_> = catalog.all_problems().map(ToString::to_string).collect();
        return Err(match problems.is_empty() {
            true => Failure::new(format_args!("there is no tutorial in {name}")).remedy(REMEDY),
            false => Failure::new(format_args!("the tutorial in {name} can't be shown"))
                .remedy(problems.join("\n")),
        });
    }
    Ok(PreviewOptions { directory: disk.root().to_owned(), listen: asked.listen })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn preview(directory: &Path) -> Result<PreviewOptions, Failure> {
        let listen = "127.0.0.1:0".parse().unwrap();
        options(&Preview { directory: directory.to_owned(), listen })
    }

    #[test]
    fn a_directory_without_tutorials_is_refused_with_a_remedy() {
        let empty = tempfile::tempdir().unwrap();
        let said = preview(empty.path()).unwrap_err().to_string();
        assert!(said.contains("there is no tutorial in") && said.contains("index.json"), "{said}");
        assert!(preview(&empty.path().join("no")).unwrap_err().to_string().contains("can't read"));
    }

    #[test]
    fn a_tutorial_that_is_wrong_is_refused_with_what_is_wrong() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("index.json"), "{").unwrap();
        let said = preview(home.path()).unwrap_err().to_string();
        assert!(said.contains("can't be shown\n  index.json:"), "{said}");
        fs::write(home.path().join("index.json"), r#"{"title": "A tour"}"#).unwrap();
        assert!(preview(home.path()).is_ok());
    }
}
