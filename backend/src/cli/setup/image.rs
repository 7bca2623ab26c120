//! An image as the command line names it.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

/// An image's file, and the alias that it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ImageFile {
    pub(super) alias: String,
    pub(super) file: PathBuf,
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
