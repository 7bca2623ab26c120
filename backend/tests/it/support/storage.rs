//! Storage of LXD's that a test has for itself.

use reqwest::Method;
use serde_json::json;

use super::lxd;

/// A pool of LXD's that a few files fill, and a profile on it.
pub struct SmallPool {
    /// The name of both.
    pub name: String,
}

impl SmallPool {
    /// A new one for the test that `tag` names.
    pub async fn new(tag: &str) -> Self {
        let name = format!("{tag}{}", std::process::id());
        let pool = json!({"name": name, "driver": "btrfs", "config": {"size": "300MiB"}});
        lxd::ask(Method::POST, "/storage-pools", Some(pool)).await;
        let profile = json!({
            "name": name,
            "devices": {"root": {"type": "disk", "path": "/", "pool": name}},
        });
        lxd::ask(Method::POST, "/profiles", Some(profile)).await;
        Self { name }
    }

    /// Removes it, once nothing else is on it.
    pub async fn remove(self) {
        lxd::ask(Method::DELETE, &format!("/profiles/{}", self.name), None).await;
        // The images that were unpacked there.
        let path = format!("/storage-pools/{}/volumes/image", self.name);
        let images = lxd::ask(Method::GET, &path, None).await.expect("a list");
        for image in images.as_array().expect("a list") {
            let path = image.as_str().expect("a path").trim_start_matches("/1.0").to_owned();
            lxd::ask(Method::DELETE, &path, None).await;
        }
        lxd::ask(Method::DELETE, &format!("/storage-pools/{}", self.name), None).await;
    }
}
