//! A file system of a few megabytes, to be filled.

use std::{io::Write, path::PathBuf, process::Command, sync::Arc};

use tempfile::TempDir;

use super::app::new_directory_in;

/// The file system; unmounted with this value.
pub struct SmallDisk {
    at: TempDir,
}

impl SmallDisk {
    /// One of so many bytes, like `4m`.
    pub fn new(size: &str) -> Self {
        let at = TempDir::new().expect("a directory");
        let disk = Self { at };
        let options = format!("size={size},mode=0755");
        disk.run(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", &options, "tryit-test"])
                .arg(disk.at.path()),
        );
        disk
    }

    /// A directory for a service on it.
    pub fn directory(&self) -> Arc<TempDir> {
        new_directory_in(self.at.path())
    }

    /// From now on nothing can be written.
    pub fn read_only(&self) {
        self.run(Command::new("mount").args(["-o", "remount,ro"]).arg(self.at.path()));
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.filler()).expect("a file");
        for size in [1 << 16, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).expect("what filled it");
    }

    fn filler(&self) -> PathBuf {
        self.at.path().join("filler")
    }

    fn run(&self, command: &mut Command) {
        let status = command.status().expect("mount");
        assert!(status.success(), "{command:?}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a test that failed may still have files open.
        let _ = Command::new("umount").arg("--lazy").arg(self.at.path()).status();
    }
}
