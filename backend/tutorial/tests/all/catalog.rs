//! Finding scenarios in a directory.

use tutorial::{Catalog, MemoryFiles};

fn with(files: MemoryFiles, dir: &str) -> MemoryFiles {
    files.with(&format!("{dir}/index.json"), r#"{"title": "T"}"#)
}

fn slugs(catalog: &Catalog) -> Vec<&str> {
    catalog.scenarios().iter().map(|scenario| scenario.slug.as_str()).collect()
}

#[test]
fn every_directory_with_an_index_is_a_scenario() {
    let dirs = ["b", "a/x", "a/y/z", ".git/c", "_de/d", "node_modules/e"];
    let files = dirs.into_iter().fold(MemoryFiles::default(), with);
    // What is inside a scenario is the scenario's.
    let files = with(files, "b/assets/site");
    let catalog = Catalog::load(&files);
    assert_eq!(slugs(&catalog), ["a/x", "a/y/z", "b"]);
    assert!(catalog.get("a/x").is_some() && catalog.get("x").is_none());
    assert_eq!(catalog.summaries(None).len(), 3);
}

#[test]
fn a_structure_orders_what_is_there() {
    let files = ["c/a", "c/b", "c/d"].into_iter().fold(MemoryFiles::default(), with);
    let structure = r#"{"title": "Course", "items": [{"path": "d"}, {"path": "./b/", "title": "B"}, {"path": "gone"}]}"#;
    let catalog = Catalog::load(&files.clone().with("c/structure.json", structure));
    assert_eq!(slugs(&catalog), ["c/d", "c/b", "c/a"]);
    let catalog = Catalog::load(&files.with("c/structure.json", "{"));
    assert_eq!((slugs(&catalog).len(), catalog.problems.len()), (3, 1));
}

#[test]
fn a_directory_that_is_a_scenario_itself() {
    let catalog = Catalog::load(&MemoryFiles::default().with("index.json", r#"{"title": "T"}"#));
    assert_eq!(slugs(&catalog), ["tutorial"]);
}

#[test]
fn two_scenarios_never_share_a_name() {
    let catalog = Catalog::load(&with(with(MemoryFiles::default(), "a b"), "a-b"));
    assert_eq!(slugs(&catalog), ["a-b"]);
    assert!(
        catalog
            .all_problems()
            .any(|problem| problem.message.contains("same name in URLs as `a b`"))
    );
}

#[test]
fn the_search_ends() {
    let deep = (0..20).map(|depth| format!("d{depth}")).collect::<Vec<_>>().join("/");
    assert!(Catalog::load(&with(MemoryFiles::default(), &deep)).scenarios().is_empty());
    assert!(Catalog::load(&MemoryFiles::default()).scenarios().is_empty());
}
