//! What a source's origin is at the moment: the image or instance itself, and the profiles that shape the copy.

use domain::Project;
use futures_util::future::{try_join, try_join_all};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    api::Api,
    fault,
    wire::{Devices, Image, ImageAlias, Instance, Keys, Profile},
};
use crate::{Error, Generation, Origin, Result, Source};

/// An origin that is there, and what it brings with it.
pub(super) struct Resolved {
    /// The `source` of a create request.
    pub request: Value,
    /// What the origin is; another one has another identity.
    identity: Value,
    /// Profiles, in the source's order.
    profiles: Vec<Profile>,
    /// Devices of the instance to copy; a copy has them too.
    own_devices: Devices,
}

impl Resolved {
    /// The devices that the container would have if nothing were said: those of the profiles in their order, then
    /// those of the instance to copy. Of the same name, the later one counts as a whole.
    pub fn devices(&self) -> Devices {
        let mut devices = Devices::new();
        for layer in self.profiles.iter().map(|profile| &profile.devices).chain([&self.own_devices])
        {
            devices.extend(layer.iter().map(|(name, device)| (name.clone(), device.clone())));
        }
        devices
    }

    /// What a container made from this would be made of.
    pub fn generation(&self, source: &Source) -> Result<Generation> {
        let is_fetched = matches!(source.origin, Origin::Remote { .. });
        let unfetched = is_fetched.then(|| self.digest(source, &Value::Null)).transpose()?;
        Ok(Generation { now: self.digest(source, &self.identity)?, unfetched })
    }

    /// The configuration that its profiles bring, the later one's keys over the earlier one's.
    pub fn config(&self) -> Keys {
        self.profiles.iter().flat_map(|profile| profile.config.clone()).collect()
    }

    /// A digest of everything that shapes a container.
    fn digest(&self, source: &Source, identity: &Value) -> Result<String> {
        let profiles: Vec<_> = self
            .profiles
            .iter()
            .map(|profile| json!({"config": profile.config, "devices": profile.devices}))
            .collect();
        let all = json!({"source": source, "origin": identity, "profiles": profiles});
        let bytes = serde_json::to_vec(&all).map_err(|error| Error::Protocol(error.to_string()))?;
        Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// What is to be copied or unpacked.
struct Found {
    request: Value,
    identity: Value,
    devices: Devices,
}

/// Looks an origin and its profiles up, all at once: a visitor may be waiting.
pub(super) async fn resolve(api: &Api, source: &Source) -> Result<Resolved> {
    let profile = |name| api.get(api.url(Some(&source.project), ["profiles", name]));
    let profiles = try_join_all(source.profiles.iter().map(|name| profile(name.as_str())));
    let (profiles, found) = try_join(profiles, find(api, source)).await?;
    let Found { request, identity, devices } = found;
    Ok(Resolved { request, identity, profiles, own_devices: devices })
}

async fn find(api: &Api, source: &Source) -> Result<Found> {
    let project = &source.project;
    let image = |request, identity| Found { request, identity, devices: Devices::new() };
    Ok(match &source.origin {
        Origin::Image { alias } => {
            let fingerprint = fingerprint(api, project, alias).await?;
            let request = json!({"type": "image", "fingerprint": fingerprint});
            image(request, json!(fingerprint))
        }
        Origin::Remote { server, alias } => {
            let request = json!({
                "type": "image", "mode": "pull", "protocol": "simplestreams", "server": server, "alias": alias,
            });
            image(request, json!(cached(api, project, server, alias).await?))
        }
        Origin::Instance { name, project: other } => {
            let from = other.as_ref().unwrap_or(project);
            let found: Instance = api.get(api.url(Some(from), ["instances", name])).await?;
            // There is no time of the last change, but there can be none without a start or another configuration.
            let identity = json!({
                "created": found.created_at, "used": found.last_used_at, "shape": shape(&found),
            });
            Found { request: copy(name.clone(), from), identity, devices: found.devices }
        }
        Origin::Snapshot { instance, snapshot, project: other } => {
            let from = other.as_ref().unwrap_or(project);
            let url = api.url(Some(from), ["instances", instance, "snapshots", snapshot]);
            let found: Instance = api.get(url).await?;
            let identity = json!({"created": found.created_at, "shape": shape(&found)});
            let request = copy(format!("{instance}/{snapshot}"), from);
            Found { request, identity, devices: found.devices }
        }
    })
}

fn copy(from: String, project: &Project) -> Value {
    json!({"type": "copy", "source": from, "project": project, "instance_only": true})
}

fn shape(instance: &Instance) -> Value {
    let config: Vec<_> =
        instance.config.iter().filter(|(key, _)| !key.starts_with("volatile.")).collect();
    json!({"config": config, "devices": instance.devices, "profiles": instance.profiles})
}

/// The fingerprint of a local image: an alias's, else that of the image whose fingerprint begins like this.
pub(super) async fn fingerprint(api: &Api, project: &Project, alias: &str) -> Result<String> {
    let by_alias = api.get(api.url(Some(project), ["images", "aliases", alias])).await;
    if let Some(ImageAlias { target }) = fault::unless_absent(by_alias)? {
        return Ok(target);
    }
    let is_prefix = alias.len() >= 12 && alias.chars().all(|c| c.is_ascii_hexdigit());
    let by_prefix = if is_prefix {
        api.get(api.url(Some(project), ["images", alias])).await
    } else {
        absent(alias)
    };
    match fault::unless_absent(by_prefix)? {
        Some(Image { fingerprint, .. }) => Ok(fingerprint),
        None => Err(Error::NotFound(format!("the image {alias} in the project {project}"))),
    }
}

fn absent<T>(what: &str) -> Result<T> {
    Err(Error::NotFound(what.to_owned()))
}

/// The image that the server keeps of a remote one and refreshes by itself; none before the first use.
async fn cached(api: &Api, project: &Project, server: &str, alias: &str) -> Result<Option<String>> {
    let mut url = api.url(Some(project), ["images"]);
    url.query_pairs_mut().append_pair("recursion", "1");
    let images: Vec<Image> = api.get(url).await?;
    let is_it = |image: &Image| {
        image
            .update_source
            .as_ref()
            .is_some_and(|from| from.server == server && from.alias == alias)
    };
    Ok(images.into_iter().find(is_it).map(|image| image.fingerprint))
}
