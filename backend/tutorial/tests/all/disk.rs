//! The directory on disk: nothing outside of it is read, whatever links say.

use std::fs;
use std::os::unix::fs::symlink;

use tutorial::disk::{Disk, Stamp};
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

#[test]
fn every_change_gives_another_stamp_and_none_gives_the_same() {
    let (temp, disk) = directory();
    let root = disk.root();
    let mut last = Stamp::of(root).unwrap();
    let mut changed = |what: &str| {
        let now = Stamp::of(root).unwrap();
        assert_ne!(now, last, "{what}");
        assert_eq!(now, Stamp::of(root).unwrap(), "nothing has changed since: {what}");
        last = now;
    };
    fs::write(root.join("demo/pics/a.png"), "other").unwrap();
    changed("another size");
    fs::write(root.join("new"), "png").unwrap();
    fs::rename(root.join("new"), root.join("demo/pics/a.png")).unwrap();
    changed("another file of the name");
    fs::rename(root.join("demo/pics"), root.join("demo/images")).unwrap();
    changed("another name");
    fs::create_dir(root.join("demo/empty")).unwrap();
    changed("a directory");
    symlink("../images", root.join("demo/empty/link")).unwrap();
    changed("a link");
    symlink("..", root.join("demo/empty/up")).unwrap();
    changed("a link that leads back");
    symlink(temp.path(), root.join("outside")).unwrap();
    changed("a link that leads outside");
    fs::create_dir(temp.path().join("beside")).unwrap();
    fs::write(temp.path().join("beside/file"), "").unwrap();
    changed("the directory that the link leads to");
    fs::write(temp.path().join("beside/file"), "more").unwrap();
    assert_eq!(Stamp::of(root).unwrap(), Stamp::of(root).unwrap());
    fs::remove_dir_all(root.join("demo")).unwrap();
    changed("nothing left");
    fs::remove_file(root.join("outside")).unwrap();
    fs::remove_dir_all(root).unwrap();
    assert!(Stamp::of(root).is_err());
}
