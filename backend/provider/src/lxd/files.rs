//! Files of a container.

use bytes::{Bytes, BytesMut};
use domain::InstanceRef;
use reqwest::{Method, RequestBuilder, Response, Url};

use super::api::Api;
use crate::{Error, Result};

const DIRECTORY_MODE: u32 = 0o755;

/// Writes a file, owned by root; its directory is made where missing.
pub(super) async fn write(
    api: &Api,
    instance: &InstanceRef,
    path: &str,
    content: Bytes,
    mode: u32,
) -> Result<()> {
    match put(api, instance, path, "file", mode, content.clone()).await {
        Err(Error::NotFound(_)) => {
            make_parent(api, instance, path).await?;
            put(api, instance, path, "file", mode, content).await
        }
        written => written,
    }
}

/// Makes the directory that `path` is in. The server makes one level at a time, so the way goes up to the first that
/// is there, then down again.
async fn make_parent(api: &Api, instance: &InstanceRef, path: &str) -> Result<()> {
    let mut missing = Vec::new();
    let mut rest = path;
    while let Some(directory) = parent(rest) {
        missing.push(directory);
        match put(api, instance, directory, "directory", DIRECTORY_MODE, Bytes::new()).await {
            Err(Error::NotFound(_)) => rest = directory,
            made => {
                made?;
                missing.pop();
                break;
            }
        }
    }
    for directory in missing.into_iter().rev() {
        put(api, instance, directory, "directory", DIRECTORY_MODE, Bytes::new()).await?;
    }
    Ok(())
}

async fn put(
    api: &Api,
    instance: &InstanceRef,
    path: &str,
    kind: &str,
    mode: u32,
    content: Bytes,
) -> Result<()> {
    let request = described(api.request(Method::POST, url(api, instance, path)), kind, mode);
    api.respond(request.body(content)).await.map(drop)
}

/// Reads a file of at most `max` bytes.
pub(super) async fn read(
    api: &Api,
    instance: &InstanceRef,
    path: &str,
    max: usize,
) -> Result<Bytes> {
    let mut response = api.respond(api.request(Method::GET, url(api, instance, path))).await?;
    if header(&response, "type") == Some("directory") {
        return Err(Error::Refused(format!("{path} is a directory")));
    }
    let mut content = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| api.fault(&error))? {
        if content.len() + chunk.len() > max {
            return Err(Error::TooLarge(max));
        }
        content.extend_from_slice(&chunk);
    }
    Ok(content.freeze())
}

fn url(api: &Api, instance: &InstanceRef, path: &str) -> Url {
    let mut url = api.instance(instance, ["files"]);
    url.query_pairs_mut().append_pair("path", path);
    url
}

/// LXD and Incus differ in the names of the headers, and ignore each other's.
fn described(request: RequestBuilder, kind: &str, mode: u32) -> RequestBuilder {
    ["X-LXD", "X-Incus"].into_iter().fold(request, |request, vendor| {
        request
            .header(format!("{vendor}-type"), kind)
            .header(format!("{vendor}-mode"), format!("{mode:04o}"))
            .header(format!("{vendor}-uid"), "0")
            .header(format!("{vendor}-gid"), "0")
            .header(format!("{vendor}-write"), "overwrite")
    })
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let of = |vendor: &str| response.headers().get(format!("{vendor}-{name}"));
    of("X-LXD").or_else(|| of("X-Incus"))?.to_str().ok()
}

fn parent(path: &str) -> Option<&str> {
    let (directory, _) = path.trim_end_matches('/').rsplit_once('/')?;
    (!directory.is_empty()).then_some(directory)
}
