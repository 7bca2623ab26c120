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

#[test]
fn a_scenario_that_breaks_stays_as_it_was() {
    let index = |title: &str, step: &str| {
        format!(r#"{{"title": "{title}", "details": {{"steps": [{{"text": "{step}"}}]}}}}"#)
    };
    let files = |index: String| {
        with(MemoryFiles::default(), "b").with("a/index.json", index).with("a/one.md", "One.")
    };
    let before = Catalog::load(&files(index("A", "one.md")));
    let titles = |catalog: &Catalog| -> Vec<String> {
        catalog.summaries(None).into_iter().map(|summary| summary.title).collect()
    };
    for broken in ["{".to_owned(), index("Other", "gone.md")] {
        let after = Catalog::load_after(&files(broken.clone()), &before);
        assert_eq!(titles(&after), ["A", "T"], "{broken}");
        let said: Vec<_> = after.all_problems().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.contains("error:")), "{said:?}");
        assert!(said.iter().any(|said| said.contains("shown as it was before")), "{said:?}");
        let still = Catalog::load_after(&files(broken.clone()), &after);
        assert_eq!(titles(&still), ["A", "T"], "however often it is read");
        assert!(still.problems == after.problems);
        let at_first = Catalog::load(&files(broken));
        assert_ne!(titles(&at_first)[0], "A", "there is nothing to keep");
    }
    let mended = Catalog::load_after(&files(index("Better", "one.md")), &before);
    assert_eq!((titles(&mended), mended.problems.len()), (vec!["Better".into(), "T".into()], 0));
    let gone = Catalog::load_after(&with(MemoryFiles::default(), "b"), &before);
    assert_eq!(titles(&gone), ["T"], "what is taken away is gone");
}
