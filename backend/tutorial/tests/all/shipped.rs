//! The tutorials that ship with the service.

use std::path::Path;

use tutorial::disk::Disk;
use tutorial::{Catalog, PageId};

fn shipped() -> Catalog {
    Catalog::load(
        &Disk::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tutorials")).unwrap(),
    )
}

#[test]
fn lint_has_nothing_to_say_about_them() {
    let problems: Vec<String> = shipped().all_problems().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_step_can_be_checked_done_and_explained() {
    let catalog = shipped();
    for slug in ["first-steps-with-lxd", "tour"] {
        let scenario = catalog.get(slug).unwrap();
        let steps = scenario
            .tutorial(None)
            .pages
            .iter()
            .filter(|page| page.id.parse() != Ok(PageId::Intro));
        for step in steps.filter(|page| page.id.parse() != Ok(PageId::Finish)) {
            assert!(step.checks && step.solves && !step.hint.is_empty(), "{slug} {}", step.id);
        }
    }
}
