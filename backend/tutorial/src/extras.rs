//! What a scenario has beside its pages: assets, facts, and the link at the end.

use std::collections::BTreeMap;

use shared::tutorial::CallToAction;
use url::Url;

use crate::index::RawAsset;
use crate::limits::ASSETS;
use crate::scenario::Asset;
use crate::source::Source;

/// The assets that stay within their directory.
pub(crate) fn assets(mut raw: Vec<RawAsset>, source: &mut Source<'_>) -> Vec<Asset> {
    source.limit(&mut raw, ASSETS, "assets");
    raw.into_iter().filter_map(|raw| asset(raw, source)).collect()
}

fn asset(raw: RawAsset, source: &mut Source<'_>) -> Option<Asset> {
    let RawAsset { file, target, chmod } = raw;
    let base = source.dir.join(Asset::BASE).ok()?;
    if base.join(&file).ok().is_none_or(|path| path.below(&base).is_none()) {
        source.error_at(&file, format!("`{file}` leads outside of `{}`", Asset::BASE));
        return None;
    }
    let chmod = chmod.map(|mode| mode.into_text()).and_then(|mode| {
        mode.parse().map_err(|error| source.error_at(&mode, format!("`{mode}`: {error}"))).ok()
    });
    Some(Asset { file, target, chmod })
}

/// The facts whose names can stand in a text.
pub(crate) fn facts(
    raw: BTreeMap<String, String>,
    source: &mut Source<'_>,
) -> BTreeMap<String, String> {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let mut facts = raw;
    facts.retain(|name, _| {
        if !is_name(name) {
            source.error_at(
                name,
                format!("`{name}`: a fact's name is made of letters, digits and `_`"),
            );
        }
        is_name(name)
    });
    facts
}

/// The link at the end, if it leads to the web.
pub(crate) fn call_to_action(raw: CallToAction, source: &mut Source<'_>) -> Option<CallToAction> {
    match Url::parse(&raw.url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            Some(CallToAction { url: url.into(), ..raw })
        }
        _ => {
            source.error_at(&raw.url, format!("`{}` is no http or https address", raw.url));
            None
        }
    }
}
