//! The programs that make a sandbox, and the identity that they run under.

use std::{
    env,
    ffi::OsStr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::{Error, Result};

/// Where to look besides `PATH`.
const USUAL: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// `nobody`: owns no file.
const NOBODY: u32 = 65534;

/// The programs that make a sandbox.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub bwrap: PathBuf,
    pub nsenter: PathBuf,
    pub setsid: PathBuf,
}

impl Tools {
    /// Looks for all of them.
    pub fn find() -> Result<Self> {
        Self::find_in(&env::var_os("PATH").unwrap_or_default())
    }

    fn find_in(path: &OsStr) -> Result<Self> {
        let tool = |name: &str, package: &str| {
            let mut directories = env::split_paths(path).chain(env::split_paths(USUAL));
            directories.find_map(|directory| Some(directory.join(name)).filter(|file| file.is_file())).ok_or_else(|| {
                Error::NotFound(format!(
                    "the program `{name}`, which the preview sandbox needs; install it: apt-get install {package}"
                ))
            })
        };
        Ok(Self {
            bwrap: tool("bwrap", "bubblewrap")?,
            nsenter: tool("nsenter", "util-linux")?,
            setsid: tool("setsid", "util-linux")?,
        })
    }
}

/// A command on this machine that has nothing of the service's environment and nothing of root's power.
///
/// A sandbox's root is the user who made it. Were that the machine's root, the sandbox could write what only the
/// kernel's own checks guard, like `/proc/sys/kernel/core_pattern`; so root becomes nobody first.
pub(super) fn command(program: &Path) -> Command {
    let mut command = std::process::Command::new(program);
    command.env_clear().current_dir("/");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut command = Command::from(command);
    command.kill_on_drop(true);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_found_without_a_path() {
        let tools = Tools::find_in(OsStr::new("")).unwrap();
        assert!(tools.bwrap.ends_with("bwrap"), "{tools:?}");
    }
}
