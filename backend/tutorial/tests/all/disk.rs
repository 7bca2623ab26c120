//! The directory on disk: nothing outside of it is read, whatever links say.

use std::fs;
use std::os::unix::fs::symlink;

use tutorial::disk::Disk;
use tutorial::{Catalog, EntryKind, FileError, FilePath, Files};

fn path(text: &str) -> FilePath {
    FilePath::root().join(text).unwrap()
}

/// A tutorials directory beside a secret.
fn directory() -> (tempfile::TempDir, Disk) {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path().join("tutorials");
    fs::create_dir_all(root.join("demo/pics")).unwrap();
    fs::write(root.join("demo/index.json"), r#"{"title": "Demo"}"#).unwrap();
    fs::write(root.join("demo/pics/a.png"), "png").unwrap();
    fs::write(temp.path().join("secret"), "secret").unwrap();
    let disk = Disk::open(&root).unwrap();
    (temp, disk)
}

#[test]
fn reads_and_lists_what_is_inside() {
    let (_temp, disk) = directory();
    assert_eq!(disk.read(&path("demo/pics/a.png"), 10).unwrap(), b"png");
    assert_eq!(disk.read(&path("demo/pics/a.png"), 2), Err(FileError::TooLarge { limit: 2 }));
    assert_eq!(disk.read(&path("demo/gone"), 10), Err(FileError::NotFound));
    assert_eq!(disk.read(&path("demo/index.json/x"), 10), Err(FileError::NotFound));
    assert_eq!(disk.read(&path("demo"), 10), Err(FileError::NotAFile));
    let names: Vec<_> = disk
        .list(&path("demo"))
        .unwrap()
        .into_iter()
        .map(|entry| (entry.name, entry.kind))
        .collect();
    assert_eq!(
        names,
        [("index.json".to_owned(), EntryKind::File), ("pics".to_owned(), EntryKind::Directory)]
    );
    assert_eq!(Catalog::load(&disk).scenarios()[0].tutorial(None).summary.title, "Demo");
}

#[test]
fn links_that_lead_outside_are_refused_and_not_listed() {
    let (temp, disk) = directory();
    let demo = disk.root().join("demo");
    symlink(temp.path().join("secret"), demo.join("absolute")).unwrap();
    symlink("../../secret", demo.join("relative")).unwrap();
    symlink("../..", demo.join("up")).unwrap();
    symlink("loop", demo.join("loop")).unwrap();
    assert_eq!(disk.read(&path("demo/absolute"), 10), Err(FileError::Outside));
    assert_eq!(disk.read(&path("demo/relative"), 10), Err(FileError::Outside));
    assert_eq!(disk.read(&path("demo/up/secret"), 10), Err(FileError::Outside));
    assert!(disk.read(&path("demo/loop"), 10).is_err());
    assert_eq!(disk.list(&path("demo")).unwrap().len(), 2);
}

#[test]
fn links_that_stay_inside_are_followed() {
    let (_temp, disk) = directory();
    symlink("demo/pics/a.png", disk.root().join("b.png")).unwrap();
    assert_eq!(disk.read(&path("b.png"), 10).unwrap(), b"png");
}

#[test]
fn pipes_are_not_waited_for() {
    let (_temp, disk) = directory();
    let pipe = disk.root().join("demo/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(disk.read(&path("demo/pipe"), 10), Err(FileError::NotAFile));
    assert_eq!(disk.list(&path("demo")).unwrap().len(), 2);
}
