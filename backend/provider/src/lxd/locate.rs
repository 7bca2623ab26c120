//! Finds the server's unix socket at the usual places.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::{Error, Result};

const USUAL: [&str; 3] = [
    "/var/lib/lxd/unix.socket",
    "/var/snap/lxd/common/lxd/unix.socket",
    "/var/lib/incus/unix.socket",
];

/// The first socket that is there: that of `LXD_DIR` or `INCUS_DIR`, else one of the usual ones.
pub(super) fn socket() -> Result<PathBuf> {
    choose(candidates(|name| env::var_os(name)), Path::exists)
}

/// A variable that is set says where the server is: then no other server is taken for it.
fn candidates(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let named: Vec<_> = ["LXD_DIR", "INCUS_DIR"]
        .into_iter()
        .filter_map(|name| variable(name).filter(|dir| !dir.is_empty()))
        .map(|dir| Path::new(&dir).join("unix.socket"))
        .collect();
    if named.is_empty() { USUAL.iter().map(PathBuf::from).collect() } else { named }
}

fn choose(candidates: Vec<PathBuf>, exists: impl Fn(&Path) -> bool) -> Result<PathBuf> {
    match candidates.iter().find(|path| exists(path)) {
        Some(path) => Ok(path.clone()),
        None => {
            let tried: Vec<_> = candidates.iter().map(|path| path.display().to_string()).collect();
            Err(Error::Unreachable(format!(
                "there is no socket of LXD or Incus at {}",
                tried.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_named_rules_out_the_usual_ones() {
        let named = candidates(|name| (name == "INCUS_DIR").then(|| "/srv/incus".into()));
        assert_eq!(named, [PathBuf::from("/srv/incus/unix.socket")]);
        assert_eq!(candidates(|_| None).len(), USUAL.len());
        assert_eq!(candidates(|_| Some("".into())).len(), USUAL.len());
    }

    #[test]
    fn the_first_that_exists_is_taken() {
        let found = choose(candidates(|_| None), |path| {
            path.starts_with("/var/snap") || path.ends_with("x")
        });
        assert_eq!(found.unwrap(), Path::new("/var/snap/lxd/common/lxd/unix.socket"));
    }

    #[test]
    fn the_error_names_all_places() {
        let error = choose(candidates(|_| None), |_| false).unwrap_err().to_string();
        for place in USUAL {
            assert!(error.contains(place), "{error}");
        }
    }
}
