//! Images, imported under an alias.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::Project;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{DESCRIPTION, MARK, Mode, Outcome, Step};
use crate::{
    Error, Result,
    lxd::{
        Lxd, fault,
        wire::{Image, ImageAlias, Operation},
    },
};

/// How long sending an image and unpacking it may take.
const UPLOAD: Duration = Duration::from_secs(600);

/// Imports an image (one tarball) into a project, under an alias. The image that had the alias before is removed if it
/// was imported here and has no other name.
pub async fn import_image(
    lxd: &Lxd,
    project: &Project,
    file: &Path,
    alias: &str,
    mode: Mode,
) -> Result<Step> {
    let step = |outcome| Ok(Step::new(format!("image {alias} of the project {project}"), outcome));
    let fingerprint = fingerprint(file.to_owned()).await?;
    let url = lxd.api.url(Some(project), ["images", "aliases", alias]);
    let now = fault::unless_absent(lxd.api.get::<ImageAlias>(url.clone()).await)?;
    if mode == Mode::DryRun {
        return step(match now {
            Some(now) if now.target == fingerprint => Outcome::Kept,
            Some(_) => Outcome::Changed,
            None => Outcome::Created,
        });
    }
    let image = lxd.api.url(Some(project), ["images", &fingerprint]);
    if fault::unless_absent(lxd.api.get::<Image>(image).await)?.is_none() {
        upload(lxd, project, file).await?;
    }
    match now {
        Some(now) if now.target == fingerprint => step(Outcome::Kept),
        Some(before) => {
            let body = json!({"target": fingerprint, "description": DESCRIPTION});
            lxd.api.tell(Method::PUT, url, &body).await?;
            drop_unused(lxd, project, &before.target).await?;
            step(Outcome::Changed)
        }
        None => {
            let body = json!({"name": alias, "target": fingerprint, "description": DESCRIPTION});
            lxd.api
                .tell(Method::POST, lxd.api.url(Some(project), ["images", "aliases"]), &body)
                .await?;
            step(Outcome::Created)
        }
    }
}

async fn upload(lxd: &Lxd, project: &Project, file: &Path) -> Result<()> {
    let content = tokio::fs::File::open(file).await.map_err(|error| unreadable(file, &error))?;
    let request = lxd
        .api
        .request(Method::POST, lxd.api.url(Some(project), ["images"]))
        .timeout(UPLOAD)
        .header("content-type", "application/octet-stream")
        .body(content);
    let request = ["X-LXD-properties", "X-Incus-properties"]
        .into_iter()
        .fold(request, |request, header| request.header(header, format!("{}={}", MARK.0, MARK.1)));
    let operation: Operation = lxd.api.ask(request).await?;
    lxd.api.finish(&operation, project, UPLOAD).await.map(drop)
}

/// Removes an image of ours that has no alias any more.
async fn drop_unused(lxd: &Lxd, project: &Project, fingerprint: &str) -> Result<()> {
    let url = lxd.api.url(Some(project), ["images", fingerprint]);
    match fault::unless_absent(lxd.api.get::<Image>(url).await)? {
        Some(image) if is_ours(&image) && image.aliases.is_empty() => {
            delete(lxd, project, &image).await
        }
        _ => Ok(()),
    }
}

/// Whether an image was imported here.
pub(super) fn is_ours(image: &Image) -> bool {
    super::is_marked(&image.properties)
}

pub(super) async fn delete(lxd: &Lxd, project: &Project, image: &Image) -> Result<()> {
    let url = lxd.api.url(Some(project), ["images", &image.fingerprint]);
    let operation = lxd.api.begin(Method::DELETE, url, &json!({})).await?;
    lxd.api.finish(&operation, project, lxd.deadlines.delete).await.map(drop)
}

/// The server's name for an image: the SHA-256 of its file.
async fn fingerprint(file: PathBuf) -> Result<String> {
    let hash = tokio::task::spawn_blocking(move || {
        let mut hash = Sha256::new();
        fs::File::open(&file)
            .and_then(|mut content| io::copy(&mut content, &mut hash))
            .map_err(|error| unreadable(&file, &error))?;
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    });
    hash.await.map_err(|error| Error::Protocol(error.to_string()))?
}

fn unreadable(file: &Path, error: &io::Error) -> Error {
    Error::Refused(format!("{} cannot be read: {error}", file.display()))
}
