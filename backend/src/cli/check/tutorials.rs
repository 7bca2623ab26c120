//! Whether there are tutorials, and what their authors should put right.

use tutorial::{Catalog, Scenario, Severity, disk::Disk};

use super::finding::Finding;
use crate::{services::settings::Tutorials, source::SessionSource};

/// Whether the tutorials can be read and have what they run on, and what their authors should put right.
pub(super) fn look(settings: &Tutorials, sources: &[SessionSource]) -> Vec<Finding> {
    let about = "tutorials";
    let directory = settings.directory.display();
    let disk = match Disk::open(&settings.directory) {
        Ok(disk) => disk,
        Err(error) => {
            let what = format!("can't read {directory}: {error}");
            return vec![Finding::problem(
                about,
                what,
                "Set `tutorials.directory` to a directory of scenarios.",
            )];
        }
    };
    let catalog = Catalog::load(&disk);
    let mut findings: Vec<_> = catalog
        .all_problems()
        .map(|problem| match problem.severity {
            Severity::Error => {
                Finding::problem(about, problem, format!("The file is in {directory}."))
            }
            Severity::Warning => {
                Finding::warning(about, problem, format!("The file is in {directory}."))
            }
        })
        .collect();
    findings.extend(catalog.scenarios().iter().filter_map(|scenario| unserved(scenario, sources)));
    let count = catalog.scenarios().len();
    findings.push(match &settings.default {
        _ if count == 0 => Finding::problem(
            about,
            format_args!("there is none in {directory}"),
            "A tutorial is a directory with an index.json; see docs/tutorials.md.",
        ),
        Some(slug) if catalog.get(slug).is_none() => {
            let slugs: Vec<_> =
                catalog.scenarios().iter().map(|scenario| scenario.slug.as_str()).collect();
            let what = format!("`tutorials.default` is {slug:?}, and there is no such tutorial");
            Finding::problem(about, what, format!("There are: {}.", slugs.join(", ")))
        }
        _ => Finding::fine(about, format_args!("{count} in {directory}")),
    });
    findings
}

/// A tutorial that wants a kind of machine which no source names: the first source serves it, which may not do.
fn unserved(scenario: &Scenario, sources: &[SessionSource]) -> Option<Finding> {
    let wanted = scenario.imageid.as_ref()?;
    let first = &sources.first()?.source.name;
    if sources.iter().any(|source| source.image_ids.contains(wanted)) {
        return None;
    }
    Some(Finding::warning(
        "tutorials",
        format_args!("{} asks for the image {wanted:?}, and no source names it", scenario.slug),
        format!(
            "The source {first} serves it. Name the image there if that will do, or in another source:\n\
             image_ids = [{wanted:?}]"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cli::check::finding::Verdict;

    #[test]
    fn tutorials_are_parsed_and_the_default_looked_up() {
        let home = tempfile::tempdir().unwrap();
        let at = |default: Option<&str>| {
            let directory = home.path().to_owned();
            look(&Tutorials { directory, default: default.map(str::to_owned) }, &[])
        };
        assert_eq!(at(None)[0].verdict, Verdict::Problem);

        let tour = home.path().join("tour");
        fs::create_dir(&tour).unwrap();
        fs::write(
            tour.join("index.json"),
            r#"{"title": "A tour", "details": {"intro": {"text": "a.md"}}}"#,
        )
        .unwrap();
        fs::write(tour.join("a.md"), "Hello").unwrap();
        assert!(
            at(Some("tour")).iter().all(|finding| finding.verdict == Verdict::Fine),
            "{:?}",
            at(Some("tour"))
        );
        let wrong = at(Some("tuor"));
        assert_eq!(wrong.last().map(|finding| finding.verdict), Some(Verdict::Problem));
        assert_eq!(
            wrong.last().and_then(|finding| finding.remedy.as_deref()),
            Some("There are: tour.")
        );

        fs::write(tour.join("index.json"), "{").unwrap();
        assert!(at(None).iter().any(|finding| finding.what.contains("tour/index.json")));
    }

    #[test]
    fn a_tutorial_whose_machine_nobody_provides_is_noticed() {
        let home = tempfile::tempdir().unwrap();
        let index = r#"{"title": "T", "details": {"intro": {"text": "a.md"}}, "backend": {"imageid": "lxd"}}"#;
        fs::write(home.path().join("index.json"), index).unwrap();
        fs::write(home.path().join("a.md"), "Hello").unwrap();
        let settings = Tutorials { directory: home.path().to_owned(), default: None };
        let worst = |sources: &str| {
            let file = Some(("tryit.toml".into(), sources.to_owned()));
            let sources = crate::cli::config::Config::read(file, []).unwrap().services().sources;
            look(&settings, &sources).into_iter().map(|finding| finding.verdict).max()
        };
        assert_eq!(worst("[source.a]\nimage = 'a'"), Some(Verdict::Warning));
        assert_eq!(worst("[source.a]\nimage = 'a'\nimage_ids = ['lxd']"), Some(Verdict::Fine));
    }

    #[test]
    fn tutorials_that_are_not_there_are_a_problem() {
        let settings = Tutorials { directory: "/no/such/directory".into(), default: None };
        assert_eq!(look(&settings, &[])[0].verdict, Verdict::Problem);
    }
}
