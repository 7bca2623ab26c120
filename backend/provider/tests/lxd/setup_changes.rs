//! What a setup shuts: of a new server, of one that an earlier version prepared, and of one on which something is in
//! the way.

use domain::InstanceRef;
use provider::{
    Error,
    lxd::setup::{self, Families, Mode, Outcome, Plan, PoolDriver},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    assert_error,
    setup::{outcomes, plan, removed},
    support::{Server, test},
};

/// The configuration of something.
async fn config(server: &Server, path: &str) -> Value {
    server.rest.get(&format!("/1.0/{path}")).await["config"].clone()
}

/// Which of a plan's objects there are.
async fn there(server: &Server, plan: &Plan) -> Vec<String> {
    let (project, nested) = (&plan.project, &plan.nested_project);
    let (network, pool) = (&plan.network, &plan.pool);
    let mut all = Vec::new();
    for path in [
        format!("projects/{project}"),
        format!("projects/{nested}"),
        format!("networks/{network}"),
        format!("network-acls/{network}"),
        format!("storage-pools/{pool}"),
    ] {
        if server.rest.send(Method::GET, &format!("/1.0/{path}"), json!({})).await.is_ok() {
            all.push(path);
        }
    }
    all
}

/// A container in a project, with nothing in it.
async fn container(
    server: &Server,
    project: &str,
    tail: &str,
    config: Value,
) -> Result<InstanceRef, String> {
    let name = server.instance(tail).name;
    let body = json!({
        "name": name,
        "source": {"type": "none"},
        "config": config,
    });
    server.rest.done(Method::POST, &format!("/1.0/instances?project={project}"), body).await?;
    Ok(InstanceRef { project: project.parse().unwrap(), name })
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        let steps = setup::apply(lxd, &plan, Mode::DryRun).await.unwrap();
        let [made, changed] = [Outcome::Created, Outcome::Changed];
        assert_eq!(outcomes(&steps), [made, made, made, made, changed, made, changed]);
        assert!(steps[0].intended().to_string().starts_with("create storage pool"));
        assert_eq!(there(&server, &plan).await, [""; 0]);

        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let steps = setup::remove(lxd, &plan, Mode::DryRun).await.unwrap();
            assert_eq!(outcomes(&steps), [Outcome::Removed; 5], "{steps:?}");
            assert_eq!(there(&server, &plan).await.len(), 5);
        })
        .await;
    });
}

#[test]
fn the_network_leads_nowhere_and_its_name_server_asks_nobody() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let network = config(&server, &format!("networks/{}", plan.network)).await;
            assert_eq!(network["security.acls"], plan.network.as_str());
            for way in ["ingress", "egress"] {
                assert_eq!(network[format!("security.acls.default.{way}.action")], "reject");
            }
            let dnsmasq = network["raw.dnsmasq"].as_str().unwrap();
            assert!(dnsmasq.starts_with("no-resolv\n"), "{dnsmasq}");
            let acl = server.rest.get(&format!("/1.0/network-acls/{}", plan.network)).await;
            assert_eq!((&acl["egress"], &acl["ingress"]), (&json!([]), &json!([])));
        })
        .await;
    });
}

#[test]
fn a_project_refuses_what_leads_out_of_a_container() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let isolated =
                |key: &str, value: &str| json!({"security.idmap.isolated": "true", key: value});
            for project in [&plan.project, &plan.nested_project] {
                for (key, value) in [
                    ("security.privileged", "true"),
                    ("security.idmap.isolated", "false"),
                    ("security.syscalls.intercept.mount", "true"),
                ] {
                    let said =
                        container(&server, project.as_str(), "x", isolated(key, value)).await;
                    assert!(
                        said.is_err_and(
                            |why| why.contains("not allowed") || why.contains("forbidden")
                        ),
                        "{project} {key}"
                    );
                }
            }
            // Only where there are containers inside: the size of an id range is as low-level as the rest.
            for (key, value) in [
                ("security.nesting", "true"),
                ("security.idmap.size", "262144"),
                ("raw.lxc", "lxc.log.level=1"),
            ] {
                let (plain, nested) = (isolated(key, value), isolated(key, value));
                let said = container(&server, plan.project.as_str(), "x", plain).await;
                assert!(said.is_err_and(|why| why.contains("forbidden")), "{key}");
                let made =
                    container(&server, plan.nested_project.as_str(), "y", nested).await.unwrap();
                let path = format!("/1.0/instances/{}?project={}", made.name, made.project);
                server.rest.done(Method::DELETE, &path, json!({})).await.unwrap();
            }
        })
        .await;
    });
}

#[test]
fn what_an_earlier_version_made_is_shut_as_well() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        let mark = json!({"user.tryit": "setup", "user.note": "mine"});
        removed(&server, &plan, async || {
            let mut project = mark.clone();
            for feature in ["images", "profiles", "storage.volumes"] {
                project[format!("features.{feature}")] = json!("true");
            }
            let body = json!({"name": plan.project, "config": project});
            server.rest.send(Method::POST, "/1.0/projects", body).await.unwrap();
            let mut network = mark.clone();
            network["ipv4.address"] = json!("none");
            network["ipv6.address"] = json!("none");
            network["raw.dnsmasq"] = json!("log-queries\nhost-record=example.com,192.0.2.1");
            let body = json!({"name": plan.network, "type": "bridge", "config": network});
            server.rest.send(Method::POST, "/1.0/networks", body).await.unwrap();

            let steps = setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let [made, changed] = [Outcome::Created, Outcome::Changed];
            assert_eq!(outcomes(&steps), [made, made, changed, changed, changed, made, changed]);
            let network = config(&server, &format!("networks/{}", plan.network)).await;
            assert_eq!(network["user.note"], "mine");
            assert_eq!(network["ipv4.address"], "none");
            // Names that the service wrote stay until it writes others.
            assert_eq!(network["raw.dnsmasq"], "no-resolv\nhost-record=example.com,192.0.2.1");
            let project = config(&server, &format!("projects/{}", plan.project)).await;
            assert_eq!(
                (&project["restricted"], &project["user.note"]),
                (&json!("true"), &json!("mine"))
            );
        })
        .await;
    });
}

#[test]
fn what_is_in_the_way_is_named_and_the_rest_is_done() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            // As it was before projects were restricted, with a container of that time.
            let path = format!("/1.0/projects/{}", plan.project);
            let mut open = config(&server, &format!("projects/{}", plan.project)).await;
            open.as_object_mut().unwrap().retain(|key, _| !key.starts_with("restricted"));
            server.rest.send(Method::PUT, &path, json!({"config": open})).await.unwrap();
            let nested =
                json!({"security.idmap.size": "262144", "security.idmap.isolated": "true"});
            let made = container(&server, plan.project.as_str(), "old", nested).await.unwrap();

            let steps = setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let refused = &steps[3];
            assert_eq!(refused.outcome, Outcome::Refused, "{steps:?}");
            assert!(refused.to_string().contains(made.name.as_str()), "{refused}");
            assert_eq!(steps.last().unwrap().outcome, Outcome::Kept, "{steps:?}");

            let path = format!("/1.0/instances/{}?project={}", made.name, made.project);
            server.rest.done(Method::DELETE, &path, json!({})).await.unwrap();
            let steps = setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            assert_eq!(steps[3].outcome, Outcome::Changed, "{steps:?}");
        })
        .await;
    });
}

#[test]
fn one_family_and_another_driver_can_be_chosen() {
    test(|server| async move {
        let plan =
            Plan { families: Families::Ipv6, pool_driver: Some(PoolDriver::Dir), ..plan(&server) };
        removed(&server, &plan, async || {
            setup::apply(&server.lxd, &plan, Mode::Apply).await.unwrap();
            let network = config(&server, &format!("networks/{}", plan.network)).await;
            assert_eq!(network["ipv4.address"], "none");
            assert!(network["ipv6.address"].as_str().unwrap().starts_with("fd"), "{network}");
            let dnsmasq = network["raw.dnsmasq"].as_str().unwrap();
            assert!(dnsmasq.contains("off-link") && !dnsmasq.contains("dhcp-option"), "{dnsmasq}");
            let pool = server.rest.get(&format!("/1.0/storage-pools/{}", plan.pool)).await;
            assert_eq!(pool["driver"], "dir");

            let other = Plan { pool_driver: Some(PoolDriver::Btrfs), ..plan.clone() };
            let steps = setup::apply(&server.lxd, &other, Mode::Apply).await.unwrap();
            assert!(steps[0].to_string().contains("another driver"), "{}", steps[0]);
        })
        .await;
        // What the server cannot make is said, and no other driver is made in its place.
        let plan = Plan { pool_driver: Some(PoolDriver::Zfs), ..plan.clone() };
        let drivers =
            server.rest.get("/1.0").await["environment"]["storage_supported_drivers"].clone();
        if !drivers.to_string().contains("\"zfs\"") {
            assert_error!(setup::apply(&server.lxd, &plan, Mode::Apply).await, Error::Refused(_));
        }
    });
}
