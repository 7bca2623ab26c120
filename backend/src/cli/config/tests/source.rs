//! Sources of containers.

use super::*;

#[test]
fn sources_keep_the_order_of_the_file() {
    let config = read(
        "[source.zebra]\nimage = 'z'\n[source.ant]\nsnapshot = 'golden/v1'\nproject = 'other'",
        &[],
    );
    let config = config.unwrap();
    let names: Vec<_> =
        config.services().sources.iter().map(|source| source.source.name.to_string()).collect();
    assert_eq!(names, ["zebra", "ant"]);
    let projects: Vec<_> = config.reconciler().projects.iter().map(ToString::to_string).collect();
    assert_eq!(projects, ["other", "tryit"]);
}

#[test]
fn a_source_has_exactly_one_origin() {
    let one = "expected exactly one of `image`, `remote`, `instance` and `snapshot`";
    assert_eq!(
        said_of_source(""),
        format!("/etc/tryit/tryit.toml, line 1: `source.shell`: {one}, found none")
    );
    assert!(
        said_of_source("image = 'a'\ninstance = 'b'").ends_with(&format!("{one}, found several"))
    );
    assert!(
        read("", &[]).unwrap_err().to_string().contains("`source`: expected at least one source")
    );
    let snapshot = said_of_source("snapshot = 'golden'");
    assert!(snapshot.contains(
        "line 2: `source.shell.snapshot`: expected \"instance/snapshot\", found \"golden\""
    ));
    let remote = said_of_source("remote = { alias = 'debian/12' }");
    assert!(remote.ends_with("line 2: `source.shell.remote.server`: missing"), "{remote}");
    let remote = said_of_source("remote = { server = 'images.example.com', alias = 'debian/12' }");
    assert!(remote.contains("`source.shell.remote.server`: expected a URL like"), "{remote}");
}

#[test]
fn a_source_says_what_is_wrong_in_it() {
    let said = |keys: &str| said_of_source(&format!("image = 'a'\n{keys}"));
    assert!(
        said("command = []")
            .contains("`source.shell.command`: expected a program and its arguments")
    );
    assert!(said("cwd = 'root'").contains("`source.shell.cwd`: expected a path from the root"));
    let processes = said("[source.shell.limits]\nprocesses = 'many'");
    assert!(processes.contains(
        "line 4: `source.shell.limits.processes`: expected a count or \"none\", found \"many\""
    ));
    assert!(said("limits.memroy = '1GiB'").contains("`source.shell.limits.memroy`: unknown key"));
    let name = read("[source.'a b']\nimage = 'a'", &[]).unwrap_err().to_string();
    assert!(
        name.contains("expected a source's name (letters, digits, hyphens and underscores"),
        "{name}"
    );
}

#[test]
fn limits_are_texts_or_numbers_and_can_be_lifted() {
    let config = read(
        "[source.a]\nimage = 'a'\nlimits = { cpu = 2, memory = 'none', processes = 'none' }",
        &[],
    )
    .unwrap();
    let limits = config.services().sources[0].source.limits.clone();
    assert_eq!((limits.cpu.as_deref(), limits.memory, limits.processes), (Some("2"), None, None));
    assert_eq!(limits.disk.as_deref(), Some("4GiB"));
}

#[test]
fn another_user_has_none_of_roots_environment() {
    let config =
        read("[source.a]\nimage = 'a'\nuser = 1000\nenvironment = { HOME = '/home/me' }", &[])
            .unwrap();
    let exec = config.services().sources[0].exec(80, 24);
    assert_eq!((exec.user, exec.cwd.as_deref()), (Some(1000), Some("/")));
    assert_eq!(
        exec.environment.into_iter().collect::<Vec<_>>(),
        [("HOME".to_owned(), "/home/me".to_owned())]
    );
}

#[test]
fn a_source_has_the_pool_of_all_unless_it_says_otherwise() {
    let config = read(
        "[source.a]\nimage = 'a'\n[source.b]\nimage = 'b'\npool.size = 5\n\
         [source.c]\nimage = 'c'\npool = { size = 0, max_age = '1h' }\n[pool]\nsize = 2\nmax_age = '6h'",
        &[],
    );
    let hours = |count: u64| Duration::from_secs(3600 * count);
    let pools: Vec<_> = config
        .unwrap()
        .reconciler()
        .sources
        .iter()
        .map(|source| (source.pool.size, source.pool.max_age))
        .collect();
    assert_eq!(pools, [(2, hours(6)), (5, hours(6)), (0, hours(1))]);
    let sources = super::config("").reconciler().sources;
    assert_eq!((sources[0].pool.size, sources[0].pool.max_age), (1, hours(24)));
    assert!(said("[pool]\nmax_age = '0s'").contains("`pool.max_age`: expected at least \"1s\""));
    let own = said_of_source("image = 'a'\npool.max_age = '1ms'");
    assert!(own.contains("`source.shell.pool.max_age`: expected at least"), "{own}");
}

#[test]
fn what_runs_in_a_container_is_a_part_of_its_generation() {
    let generation = |keys: &str| {
        let config = read(&format!("[source.a]\nimage = 'a'\n{keys}"), &[]).unwrap();
        config.reconciler().sources[0].generation("image")
    };
    let usual = generation("");
    assert_eq!(usual, generation("pool.size = 7\nready_seconds = 9"));
    for keys in ["command = ['sh']", "user = 7", "environment = { A = 'b' }", "ready = ['true']"] {
        assert_ne!(usual, generation(keys), "{keys}");
    }
}
