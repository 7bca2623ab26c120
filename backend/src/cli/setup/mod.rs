//! `tryit setup`: prepares LXD for the service, or undoes that, and says what was done.

mod args;
mod image;

use std::{collections::BTreeSet, path::Path};

use domain::Project;
use provider::{
    Error, Provider,
    lxd::{
        Lxd,
        setup::{Mode, Outcome, Plan, Step, apply, import_image, remove},
    },
};

pub(super) use args::{HELP, Setup};
pub(super) use image::ImageFile;

use super::{
    Failure, check,
    config::{Config, Server},
};

/// Makes what is missing and imports the images, or takes away what was made.
pub(super) async fn run(file: Option<&Path>, wanted: &Setup) -> Result<(), Failure> {
    let server = Config::server(file)?;
    let lxd = Lxd::new(&server.settings).map_err(failed)?;
    let info = lxd.info().await.map_err(failed)?;
    println!("{} {} at {}", info.kind, info.version, lxd.server());
    let mode = if wanted.dry_run { Mode::DryRun } else { Mode::Apply };
    let plan = Plan {
        pool_driver: wanted.pool_driver.map(Into::into),
        pool_size: wanted.pool_size.clone(),
        network: server.network.bridge.clone(),
        families: wanted.families.into(),
        ..Plan::new(server.project.clone(), server.nested_project.clone())
    };
    if wanted.remove {
        let steps = remove(&lxd, &plan, mode).await.map_err(failed)?;
        steps.iter().for_each(|step| say(step, mode));
        if steps.is_empty() {
            println!("  nothing of ours is there");
        }
        return Ok(());
    }
    let mut steps = apply(&lxd, &plan, mode).await.map_err(failed)?;
    steps.iter().for_each(|step| say(step, mode));
    for image in &wanted.images {
        for project in projects_of(&server, &image.alias) {
            let step = import_image(&lxd, &project, &image.file, &image.alias, mode).await;
            let step = step.map_err(failed)?;
            say(&step, mode);
            steps.push(step);
        }
    }
    println!("\n{}", next(&server.project, wanted, &steps));
    Ok(())
}

fn say(step: &Step, mode: Mode) {
    match mode {
        Mode::Apply => println!("  {step}"),
        Mode::DryRun => println!("  would {}", step.intended()),
    }
}

/// The projects in which an image is needed: those of the sources that name it, or else all that there are.
fn projects_of(server: &Server, alias: &str) -> BTreeSet<Project> {
    let named = server.images.iter().filter(|(name, _)| name == alias);
    let named: BTreeSet<_> = named.map(|(_, project)| project.clone()).collect();
    if named.is_empty() {
        return [server.project.clone(), server.nested_project.clone()].into();
    }
    named
}

/// What to do now.
fn next(project: &Project, wanted: &Setup, steps: &[Step]) -> String {
    if wanted.dry_run {
        return "Nothing was changed.".to_owned();
    }
    if steps.iter().any(|step| step.outcome == Outcome::Refused) {
        return "What could not be changed is in the way of what this version wants. Once the containers that are named \
                are gone: tryit setup"
            .to_owned();
    }
    match wanted.images.first() {
        Some(image) => format!(
            "For tryit.toml:\n\n[source.{}]\nimage = \"{}\"\n\nThen: tryit check",
            image.alias.replace('.', "-"),
            image.alias
        ),
        None => format!(
            "Next, an image in the project {project}: tryit setup --image FILE, or `remote` in a source.\n\
             Then: tryit check"
        ),
    }
}

fn failed(error: Error) -> Failure {
    let remedy = check::remedy(&error);
    Failure::new(error).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_go_where_sources_want_them_or_everywhere() {
        let server = |text: &str| {
            Config::read_server(Some(("tryit.toml".into(), text.to_owned())), []).unwrap()
        };
        let projects = |text: &str, alias: &str| {
            let projects = projects_of(&server(text), alias);
            projects.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(projects("", "a"), "tryit tryit-nested");
        assert_eq!(projects("[lxd]\nproject = 'x'", "a"), "x x-nested");
        let sources = "[source.a]\nimage = 'a'\n[source.b]\nimage = 'b'\nnesting = true\n\
                       [source.c]\nimage = 'b'\nproject = 'own'";
        assert_eq!(projects(sources, "a"), "tryit");
        assert_eq!(projects(sources, "b"), "own tryit-nested");
        assert_eq!(projects(sources, "c"), "tryit tryit-nested");
    }
}
