//! What containers are made from, and their shape.

use std::collections::BTreeSet;

use domain::Project;
use provider::{Error, InstanceStatus, Limits, Origin, Provider, Source};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    assert_error,
    support::{Server, nobody, sh, test},
};

async fn raw(server: &Server, instance: &domain::InstanceRef) -> Value {
    server.rest.get(&format!("/1.0/instances/{}?project={}", instance.name, instance.project)).await
}

#[test]
fn a_container_has_isolation_and_the_limits_of_its_source() {
    test(|server| async move {
        let limits = Limits {
            cpu: Some("1".to_owned()),
            memory: Some("64MiB".to_owned()),
            processes: Some(77),
            disk: Some("100MiB".to_owned()),
            disk_rate: None,
            network_rate: None,
        };
        let source = Source { limits, nesting: true, ..server.source() };
        let instance = server.create("a", source).await.unwrap();
        server.lxd.start(&instance, nobody()).await.unwrap();
        let seen = raw(&server, &instance).await;
        for (key, value) in [
            ("security.idmap.isolated", "true"),
            ("security.idmap.size", "262144"),
            ("security.privileged", "false"),
            ("security.nesting", "true"),
            (server.guest_api, "false"),
            ("limits.cpu", "1"),
            ("limits.memory", "64MiB"),
            ("limits.memory.swap", "false"),
            ("limits.processes", "77"),
        ] {
            assert_eq!(seen["config"][key], value, "{key}");
        }
        assert_eq!(seen["devices"]["root"]["size"], "100MiB");
        let map = server
            .lxd
            .run(&instance, &sh("cat /proc/self/uid_map; ls /dev/lxd/sock"))
            .await
            .unwrap();
        let map = String::from_utf8_lossy(&map.stdout).into_owned();
        let fields: Vec<&str> = map.split_whitespace().collect();
        assert_eq!((fields[0], fields[2], fields.len()), ("0", "262144", 3), "{map}");
        assert_ne!(fields[1], "0");
    });
}

#[test]
fn rate_limits_hold_as_far_as_the_kernel_can() {
    test(|server| async move {
        let limits = Limits { network_rate: Some("10Mbit".to_owned()), ..Limits::default() };
        let source = Source { limits, ..server.source() };
        for tail in ["a", "b"] {
            let instance = server.create(tail, source.clone()).await.unwrap();
            server.lxd.start(&instance, nobody()).await.unwrap();
            assert_eq!(
                server.lxd.get(&instance).await.unwrap().unwrap().status,
                InstanceStatus::Running
            );
            assert_eq!(
                raw(&server, &instance).await["devices"]["eth0"]["limits.ingress"],
                "10Mbit"
            );
        }
    });
}

#[test]
fn an_instance_and_a_snapshot_are_copied() {
    test(|server| async move {
        let lxd = &server.lxd;
        let template = server.container("template").await;
        lxd.write_file(&template, "/root/made", "once".into(), 0o644).await.unwrap();
        let at = format!("/1.0/instances/{}/snapshots", template.name);
        server.rest.done(Method::POST, &at, json!({"name": "s0"})).await.unwrap();
        lxd.write_file(&template, "/root/made", "twice".into(), 0o644).await.unwrap();
        let stop = format!("/1.0/instances/{}/state", template.name);
        server
            .rest
            .done(Method::PUT, &stop, json!({"action": "stop", "force": true}))
            .await
            .unwrap();

        let name = template.name.to_string();
        let of_instance = Origin::Instance { name: name.clone(), project: None };
        let of_snapshot = Origin::Snapshot {
            instance: name,
            snapshot: "s0".to_owned(),
            project: Some(server.project.clone()),
        };
        let limits = Limits { disk: Some("200MiB".to_owned()), ..Limits::default() };
        for (tail, origin, content) in [("i", of_instance, "twice"), ("s", of_snapshot, "once")] {
            let source = Source { origin, limits: limits.clone(), ..server.source() };
            let copy = server.create(tail, source).await.unwrap();
            lxd.start(&copy, nobody()).await.unwrap();
            assert_eq!(lxd.read_file(&copy, "/root/made", 10).await.unwrap(), content);
            assert_eq!(raw(&server, &copy).await["devices"]["root"]["size"], "200MiB");
            assert_eq!(lxd.get(&copy).await.unwrap().unwrap().mark, Some(server.mark));
        }
    });
}

#[test]
fn what_is_not_there_is_named() {
    test(|server| async move {
        let image = Source {
            origin: Origin::Image { alias: "no-such-image".to_owned() },
            ..server.source()
        };
        let error = server.create("a", image).await.unwrap_err();
        assert!(
            matches!(&error, Error::NotFound(what) if what.contains("no-such-image")),
            "{error}"
        );
        let instance = Origin::Instance { name: "no-such-instance".to_owned(), project: None };
        assert_error!(
            server.create("a", Source { origin: instance, ..server.source() }).await,
            Error::NotFound(_)
        );
        let profile = Source { profiles: vec!["no-such-profile".to_owned()], ..server.source() };
        assert_error!(server.create("a", profile).await, Error::NotFound(_));
    });
}

#[test]
fn a_generation_follows_all_that_shapes_a_container() {
    test(|server| async move {
        let lxd = &server.lxd;
        let generation = async |source: &Source| lxd.generation(source).await.unwrap().now;
        let source = server.source();
        let mut seen = BTreeSet::from([generation(&source).await]);
        assert!(!seen.insert(generation(&source).await), "the same twice");
        assert!(seen.insert(generation(&Source { nesting: true, ..source.clone() }).await));

        let profile = format!("{}", server.instance("p").name);
        let make = json!({"name": profile, "config": {}, "devices": {}});
        server.rest.send(Method::POST, "/1.0/profiles", make).await.unwrap();
        let profiled =
            Source { profiles: vec!["default".to_owned(), profile.clone()], ..source.clone() };
        assert!(seen.insert(generation(&profiled).await));
        let change = json!({"config": {"limits.processes": "99"}, "devices": {}});
        server.rest.send(Method::PUT, &format!("/1.0/profiles/{profile}"), change).await.unwrap();
        assert!(seen.insert(generation(&profiled).await));
        server
            .rest
            .send(Method::DELETE, &format!("/1.0/profiles/{profile}"), json!({}))
            .await
            .unwrap();

        let template = server.create("template", source.clone()).await.unwrap();
        let origin = Origin::Instance { name: template.name.to_string(), project: None };
        let copied = Source { origin, ..source };
        assert!(seen.insert(generation(&copied).await));
        assert!(!seen.insert(generation(&copied).await), "the same twice");
        lxd.start(&template, nobody()).await.unwrap();
        assert!(seen.insert(generation(&copied).await));
    });
}

#[test]
fn a_shared_id_range_is_found_at_the_start() {
    test(|server| async move {
        let first = server.create("a", server.source()).await.unwrap();
        let second = server.create("b", server.source()).await.unwrap();
        let base = raw(&server, &first).await["config"]["volatile.idmap.base"].clone();
        assert_ne!(base, raw(&server, &second).await["config"]["volatile.idmap.base"]);
        let at = format!("/1.0/instances/{}", second.name);
        let next = raw(&server, &first).await["config"]["volatile.idmap.next"].clone();
        let config = json!({"config": {"volatile.idmap.base": base, "volatile.idmap.next": next}});
        server.rest.send(Method::PATCH, &at, config).await.unwrap();
        assert_error!(server.lxd.start(&second, nobody()).await, Error::SharedIdRange(_));
        server.lxd.delete(&second, server.mark).await.unwrap();
        server.lxd.start(&first, nobody()).await.unwrap();
    });
}

#[test]
fn a_project_without_containers_is_an_empty_list() {
    test(|server| async move {
        let none: Project = "provider-test-none".parse().unwrap();
        assert_eq!(server.lxd.list(&[none]).await.unwrap(), []);
    });
}
