//! Weaknesses, planted one at a time: each is named, and what setup can put right it does.

use domain::{InstanceRef, ServerId};
use provider::{
    CreateSpec, Outward, Provider, Source,
    lxd::{
        check::{self, Secured, Severity},
        setup::{self, Mode, Plan},
    },
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    setup::{plan, removed},
    support::{Server, build_image, nobody, test, turn},
};

/// A prepared server with two containers of a source.
struct Planted<'a> {
    server: &'a Server,
    plan: &'a Plan,
    source: Source,
    containers: [InstanceRef; 2],
}

impl<'a> Planted<'a> {
    async fn new(server: &'a Server, plan: &'a Plan) -> Self {
        setup::apply(&server.lxd, plan, Mode::Apply).await.unwrap();
        let image = build_image();
        setup::import_image(&server.lxd, &plan.project, &image, "mine", Mode::Apply).await.unwrap();
        let origin = provider::Origin::Image { alias: "mine".to_owned() };
        let source = Source { origin, project: plan.project.clone(), ..server.source() };
        let containers = ["a", "b"].map(|tail| InstanceRef {
            project: plan.project.clone(),
            name: server.instance(tail).name,
        });
        for instance in &containers {
            let spec = CreateSpec {
                instance: instance.clone(),
                mark: ServerId::random(),
                source: source.clone(),
            };
            let _turn = turn().await;
            server.lxd.create(&spec, nobody()).await.unwrap();
        }
        Self { server, plan, source, containers }
    }

    /// What is open, in words.
    async fn errors(&self) -> Vec<String> {
        self.errors_of(&self.source).await
    }

    async fn errors_of(&self, source: &Source) -> Vec<String> {
        let outward = Outward {
            project: self.plan.project.clone(),
            bridge: self.plan.network.clone(),
            allow: Vec::new(),
            hosts: Vec::new(),
            pairs: Vec::new(),
        };
        let secured = Secured {
            sources: std::slice::from_ref(source),
            projects: std::slice::from_ref(&self.plan.project),
            outward: &outward,
        };
        let findings = check::security(&self.server.lxd, &secured).await;
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(ToString::to_string).collect()
    }

    /// Sets keys of something's configuration.
    async fn set(&self, path: &str, config: Value) {
        let path = format!("/1.0/{path}");
        let done = self.server.rest.send(Method::PATCH, &path, json!({"config": config})).await;
        done.unwrap();
    }

    async fn network(&self, key: &str, value: &str) {
        self.set(&format!("networks/{}", self.plan.network), json!({key: value})).await;
    }

    async fn set_up_again(&self) {
        setup::apply(&self.server.lxd, self.plan, Mode::Apply).await.unwrap();
    }
}

/// Whether each finding is about one of these things, and each of these things is found.
#[track_caller]
fn assert_only(errors: &[String], about: &[&str]) {
    assert!(!errors.is_empty(), "nothing was found of {about:?}");
    for word in about {
        assert!(errors.iter().any(|error| error.contains(word)), "{word}: {errors:?}");
    }
    let other = errors.iter().find(|error| !about.iter().any(|word| error.contains(word)));
    assert_eq!(other, None);
}

/// Runs a test on a prepared server on which nothing is open.
fn planted(body: impl AsyncFnOnce(&Planted<'_>)) {
    test(|server| async move {
        let plan = plan(&server);
        removed(&server, &plan, async || {
            let planted = Planted::new(&server, &plan).await;
            assert_eq!(planted.errors().await, [""; 0]);
            body(&planted).await;
        })
        .await;
    });
}

#[test]
fn a_network_card_without_port_isolation_is_named() {
    planted(async |planted| {
        let path = format!("/1.0/profiles/default?project={}", planted.plan.project);
        let mut profile = planted.server.rest.get(&path).await;
        profile["devices"]["eth0"]["security.port_isolation"] = json!("false");
        planted.server.rest.send(Method::PUT, &path, profile).await.unwrap();
        assert_only(&planted.errors().await, &["security.port_isolation"]);
        planted.set_up_again().await;
        assert_eq!(planted.errors().await, [""; 0]);
    });
}

#[test]
fn a_detached_access_list_is_named() {
    planted(async |planted| {
        planted.network("security.acls", "").await;
        assert_only(&planted.errors().await, &["not attached"]);
        planted.set_up_again().await;
        planted.network("security.acls.default.egress.action", "allow").await;
        assert_only(&planted.errors().await, &["security.acls.default.egress.action"]);
        planted.set_up_again().await;
        assert_eq!(planted.errors().await, [""; 0]);
    });
}

#[test]
fn a_rule_that_somebody_added_is_named() {
    planted(async |planted| {
        let path = format!("/1.0/network-acls/{}", planted.plan.network);
        let mut list = planted.server.rest.get(&path).await;
        let rule = json!([{"action": "allow", "state": "enabled", "destination": "192.0.2.0/24"}]);
        (list["egress"], list["ingress"]) = (rule.clone(), rule);
        planted.server.rest.send(Method::PUT, &path, list).await.unwrap();
        assert_only(&planted.errors().await, &["192.0.2.0/24", "lets something in"]);
    });
}

#[test]
fn a_shared_id_range_is_named() {
    planted(async |planted| {
        let [a, b] = &planted.containers;
        let path = format!("/1.0/instances/{}?project={}", a.name, a.project);
        let base = planted.server.rest.get(&path).await["config"]["volatile.idmap.base"].clone();
        // No client can ask for it; servers have been seen to do it by themselves.
        let query = format!(
            "UPDATE instances_config SET value = {} WHERE key = 'volatile.idmap.base' \
             AND instance_id = (SELECT id FROM instances WHERE name = '{}')",
            base.as_str().unwrap(),
            b.name
        );
        let body = json!({"database": "global", "query": query});
        planted.server.rest.send(Method::POST, "/internal/sql", body).await.unwrap();
        let names =
            planted.containers.each_ref().map(|instance| format!("has ids of {}", instance.name));
        assert_only(&planted.errors().await, &[&names[0], &names[1]]);
    });
}

#[test]
fn a_name_server_that_forwards_is_named() {
    planted(async |planted| {
        planted.network("raw.dnsmasq", "").await;
        assert_only(&planted.errors().await, &["dnsmasq"]);
        planted.network("raw.dnsmasq", "no-resolv\nserver=192.0.2.53").await;
        assert_only(&planted.errors().await, &["dnsmasq"]);
        planted.set_up_again().await;
        assert_eq!(planted.errors().await, [""; 0]);
    });
}

#[test]
fn a_privileged_source_is_named() {
    planted(async |planted| {
        for (key, value, named) in [
            ("security.privileged", "true", "security.privileged"),
            ("security.idmap.isolated", "false", "security.idmap.isolated"),
            ("raw.lxc", "lxc.apparmor.profile=unconfined", "raw.lxc"),
        ] {
            let config = [(key.to_owned(), value.to_owned())].into();
            let source = Source { config, ..planted.source.clone() };
            let errors = planted.errors_of(&source).await;
            assert_only(&errors, &[named]);
            assert!(errors.iter().all(|error| error.contains("source test")), "{errors:?}");
        }
    });
}

#[test]
fn a_project_that_is_not_restricted_is_named() {
    planted(async |planted| {
        let path = format!("/1.0/projects/{}", planted.plan.project);
        let mut config = planted.server.rest.get(&path).await["config"].clone();
        config["restricted"] = json!("false");
        planted.server.rest.send(Method::PUT, &path, json!({"config": config})).await.unwrap();
        assert_only(&planted.errors().await, &["not restricted"]);
        planted.set_up_again().await;
        assert_eq!(planted.errors().await, [""; 0]);
    });
}
