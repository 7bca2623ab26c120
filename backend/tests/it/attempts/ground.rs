//! Where attempts are made: two projects and a bridge as `tryit setup` makes them, or what there would be without it.

use std::{path::Path, sync::Arc};

use futures_util::FutureExt;
use provider::lxd::{
    Lxd,
    setup::{self, Mode, Plan},
};
use reqwest::Method;
use serde_json::Value;

use crate::support::{config, lxd};

/// What a bridge is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// As setup makes it.
    Shut,
    /// As LXD makes it by itself: what shows that an attempt would be noticed.
    Open,
}

/// The ground of one test.
pub struct Ground {
    pub lxd: Arc<Lxd>,
    pub project: String,
    pub nested_project: String,
    pub bridge: String,
    /// The bridge's addresses.
    pub ipv4: String,
    pub ipv6: String,
}

impl Ground {
    /// Makes it, runs the body, and removes it, whether that fails or not.
    pub async fn with(bridge: Bridge, body: impl AsyncFnOnce(&Ground)) {
        let config = crate::support::app::read_config(&config(""));
        let lxd = Arc::new(Lxd::new(&config.lxd()).expect("an LXD"));
        match bridge {
            Bridge::Shut => Self::prepared(lxd, body).await,
            Bridge::Open => {
                let name = std::env::var("TRYIT_TEST_LXD_BRIDGE").expect("a private daemon");
                body(&Self::at(lxd, "default", "default", &name).await).await;
            }
        }
    }

    async fn prepared(lxd: Arc<Lxd>, body: impl AsyncFnOnce(&Ground)) {
        let project = format!("ground-{}", std::process::id());
        let nested = format!("{project}-nested");
        let plan = Plan {
            // The daemon's own, which is used as it is: its images are unpacked there.
            pool: "default".to_owned(),
            network: format!("ground{}", std::process::id()),
            ..Plan::new(project.parse().expect("a name"), nested.parse().expect("a name"))
        };
        let result = std::panic::AssertUnwindSafe(async {
            setup::apply(&lxd, &plan, Mode::Apply).await.expect("a server that can be prepared");
            for (image, project) in [("shell", &plan.project), ("lxd", &plan.nested_project)] {
                let file = format!("../target/images/{image}.tar.gz");
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
                let alias = format!("tryit-{image}");
                setup::import_image(&lxd, project, &file, &alias, Mode::Apply)
                    .await
                    .expect("an image: scripts/images import all");
            }
            let ground = Self::at(lxd.clone(), &project, &nested, &plan.network).await;
            body(&ground).await;
        })
        .catch_unwind()
        .await;
        let removed = setup::remove(&lxd, &plan, Mode::Apply).await;
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
        removed.expect("a server that forgets");
    }

    async fn at(lxd: Arc<Lxd>, project: &str, nested_project: &str, bridge: &str) -> Self {
        let network = lxd::ask(Method::GET, &format!("/networks/{bridge}"), None).await;
        let config = network.expect("a bridge")["config"].clone();
        let address = |key: &str| {
            let value: &Value = &config[key];
            value.as_str().and_then(|net| net.split('/').next()).expect("an address").to_owned()
        };
        Self {
            lxd,
            project: project.to_owned(),
            nested_project: nested_project.to_owned(),
            bridge: bridge.to_owned(),
            ipv4: address("ipv4.address"),
            ipv6: address("ipv6.address"),
        }
    }

    /// `[lxd]` of a service on it.
    pub fn table(&self) -> String {
        let (project, nested) = (&self.project, &self.nested_project);
        format!(
            "[lxd]\nsocket = {:?}\nproject = {project:?}\nnested_project = {nested:?}\n",
            lxd::socket()
        )
    }
}
