//! The example that ships: it works as it is, names every key, and tells the truth about defaults.

use toml::{Table, Value};

use super::*;

const EXAMPLE: &str = include_str!("../../../../../deploy/tryit.toml");

/// The example with every key in force.
fn in_force() -> Table {
    let line = |line: &'static str| match line.strip_prefix('#') {
        Some(key) if !key.is_empty() && !key.starts_with([' ', '#']) => key,
        _ => line,
    };
    let text: Vec<_> = EXAMPLE.lines().map(line).collect();
    text.join("\n").parse().unwrap_or_else(|error| panic!("{error}"))
}

/// What is said about a table.
fn parsed(table: Table) -> Result<File, ConfigError> {
    let text = table.to_string();
    let layers = Layers::read(Some(("tryit.toml".into(), text)), [], file::TOP)?;
    parse(&layers).map_err(|mistake| layers.locate(mistake))
}

/// The tables in a table, with their paths; those of a list count as one.
fn tables(value: &Value, path: &str, found: &mut Vec<(String, Table)>) {
    match value {
        Value::Table(table) => {
            found.push((path.to_owned(), table.clone()));
            for (key, value) in table {
                tables(value, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| tables(item, path, found)),
        _ => {}
    }
}

/// The same table with a key that there is not, in the table at `path`.
fn with_a_wrong_key(value: &mut Value, path: &[&str]) {
    match (value, path) {
        (Value::Array(items), _) => with_a_wrong_key(&mut items[0], path),
        (Value::Table(table), [first, rest @ ..]) => with_a_wrong_key(&mut table[*first], rest),
        (Value::Table(table), []) => {
            table.insert("wrong-key".to_owned(), Value::from(true));
        }
        (other, _) => panic!("{other} is no table"),
    }
}

/// The path without the names that an operator chooses.
fn kind(path: &str) -> String {
    let mut parts: Vec<_> = path.split('/').collect();
    if parts.len() > 2 && ["source", "terms"].contains(&parts[1]) {
        parts[2] = "NAME";
    }
    parts.join("/")
}

#[test]
fn it_works_as_it_is() {
    let config = read(EXAMPLE, &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.services().sources.len(), 1);
}

#[test]
fn its_keys_are_right() {
    let mut table = in_force();
    parsed(table.clone()).unwrap_or_else(|error| panic!("{error}"));
    // The only keys that exclude each other, and the only file that is read.
    table["lxd"].as_table_mut().unwrap().remove("socket");
    table["terms"].as_table_mut().unwrap().remove("en");
    let config = read(&table.to_string(), &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.services().sources.len(), 4);
}

#[test]
fn it_has_every_key() {
    let table = in_force();
    let mut all = Vec::new();
    tables(&Value::Table(table.clone()), "", &mut all);
    let mut asked = 0;
    for (path, _) in &all {
        let mut wrong = Value::Table(table.clone());
        let parts: Vec<_> = path.split('/').skip(1).collect();
        with_a_wrong_key(&mut wrong, &parts);
        let Value::Table(wrong) = wrong else { unreachable!() };
        let said = match parsed(wrong) {
            Err(error) if error.message.starts_with("unknown key, ") => error.message,
            // A table whose keys are the operator's own choice.
            _ => continue,
        };
        asked += 1;
        // Sources, and terms, show a part of their keys each.
        let kind = kind(path);
        let same = all.iter().filter(|(other, _)| self::kind(other) == kind);
        let shown: Vec<_> = same.flat_map(|(_, table)| table.keys()).collect();
        for key in said.split('`').skip(1).step_by(2) {
            assert!(
                shown.iter().any(|shown| *shown == key),
                "deploy/tryit.toml lacks {kind}/{key}"
            );
        }
    }
    assert!(asked >= 15, "only {asked} tables have keys of ours");
}

#[test]
fn its_defaults_are_the_defaults() {
    let shown = parsed(in_force()).unwrap();
    let default = File::default();
    macro_rules! same {
        ($($key:ident),+) => {$(
            assert_eq!(format!("{:?}", shown.$key), format!("{:?}", default.$key), stringify!($key));
        )+};
    }
    same!(
        listen,
        client_header,
        frame_ancestors,
        database,
        log,
        pool,
        session,
        queue,
        feedback,
        terminal,
        terminals
    );
    let limits = &shown.source.values().next().unwrap().limits;
    assert_eq!(format!("{limits:?}"), format!("{:?}", limits::LimitsTable::default()));
}

#[test]
fn the_reference_has_every_key() {
    const REFERENCE: &str = include_str!("../../../../../docs/configuration.md");
    let mut all = Vec::new();
    tables(&Value::Table(in_force()), "", &mut all);
    let keys_of_ours = |path: &str| {
        !["/source", "/terms"].contains(&path)
            && !path.ends_with("/environment")
            && !path.ends_with("/config")
    };
    for (path, table) in all.iter().filter(|(path, _)| keys_of_ours(path)) {
        for key in table.keys() {
            let written = [format!("`{key}`"), format!("[{key}"), format!(".{key}]")];
            let named = written.iter().any(|written| REFERENCE.contains(written));
            assert!(named, "docs/configuration.md lacks {path}/{key}");
        }
    }
}
