//! What containers are let out to, as the server has it.

use provider::{
    Allow, Error, Host, Outward, Ports, Protocol, Provider,
    lxd::setup::{self, Mode, Plan},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    assert_error,
    setup::{plan, removed},
    support::{Server, test},
};

fn outward(plan: &Plan, to: &[&str], hosts: Vec<Host>) -> Outward {
    let allow = to.iter().map(|net| Allow {
        to: vec![net.parse().unwrap()],
        protocol: Protocol::Udp,
        ports: vec![Ports { first: 5, last: 9 }],
    });
    Outward {
        project: plan.project.clone(),
        bridge: plan.network.clone(),
        allow: allow.collect(),
        hosts,
        pairs: Vec::new(),
    }
}

async fn rules(server: &Server, plan: &Plan) -> Value {
    server.rest.get(&format!("/1.0/network-acls/{}", plan.network)).await["egress"].clone()
}

#[test]
fn rules_are_written_put_back_and_taken_away() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let wanted = outward(&plan, &["198.51.100.0/24"], Vec::new());
            lxd.let_out(&wanted).await.unwrap();
            let written = rules(&server, &plan).await;
            assert_eq!(written[0]["destination"], "198.51.100.0/24");
            assert_eq!(written[0]["destination_port"], "5-9");

            let mut open = server.rest.get(&format!("/1.0/network-acls/{}", plan.network)).await;
            open["egress"] = json!([{"action": "allow", "state": "enabled"}]);
            open["ingress"] = open["egress"].clone();
            let path = format!("/1.0/network-acls/{}", plan.network);
            server.rest.send(Method::PUT, &path, open).await.unwrap();
            lxd.let_out(&wanted).await.unwrap();
            assert_eq!(rules(&server, &plan).await, written);
            assert_eq!(server.rest.get(&path).await["ingress"], json!([]));

            lxd.let_out(&outward(&plan, &[], Vec::new())).await.unwrap();
            assert_eq!(rules(&server, &plan).await, json!([]));
        })
        .await;
    });
}

#[test]
fn the_bridge_and_the_server_are_never_let_out_to() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            lxd.let_out(&outward(&plan, &["0.0.0.0/0", "::/0"], Vec::new())).await.unwrap();
            let written = rules(&server, &plan).await;
            let nets = written.as_array().unwrap().iter().flat_map(|rule| {
                rule["destination"].as_str().unwrap().split(',').map(str::to_owned)
            });
            let nets: Vec<ipnet::IpNet> = nets.map(|net| net.parse().unwrap()).collect();
            let network = server.rest.get(&format!("/1.0/networks/{}", plan.network)).await;
            for key in ["ipv4.address", "ipv6.address"] {
                let subnet: ipnet::IpNet =
                    network["config"][key].as_str().unwrap().parse().unwrap();
                let inside = [subnet.addr(), subnet.hosts().nth(7).unwrap()];
                for address in inside {
                    assert!(!nets.iter().any(|net| net.contains(&address)), "{address}");
                }
            }
            for never in ["127.0.0.1", "169.254.169.254", "::1", "fe80::1"] {
                let never: std::net::IpAddr = never.parse().unwrap();
                assert!(!nets.iter().any(|net| net.contains(&never)), "{never}");
            }
            let outside: std::net::IpAddr = "203.0.113.7".parse().unwrap();
            assert!(nets.iter().any(|net| net.contains(&outside)));
        })
        .await;
    });
}

#[test]
fn the_name_server_answers_the_names_until_they_are_taken_away() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let path = format!("/1.0/networks/{}", plan.network);
            let before = server.rest.get(&path).await["config"].clone();
            let host = Host {
                name: "mirror.example".to_owned(),
                ipv4: Some("198.51.100.2".parse().unwrap()),
                ipv6: None,
            };
            lxd.let_out(&outward(&plan, &["198.51.100.2/32"], vec![host])).await.unwrap();
            let gateway = before["ipv4.address"].as_str().unwrap().split('/').next().unwrap();
            let ask = |name: &str| {
                let said = std::process::Command::new("busybox")
                    .args(["nslookup", name, gateway])
                    .output();
                let said = said.unwrap();
                String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
            };
            assert!(ask("mirror.example").contains("198.51.100.2"), "{}", ask("mirror.example"));
            for other in ["www.mirror.example", "data.tunnel.example"] {
                assert!(ask(other).contains("REFUSED"), "{}", ask(other));
            }
            // A repeated setup keeps them.
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            assert!(ask("mirror.example").contains("198.51.100.2"));
            lxd.let_out(&outward(&plan, &[], Vec::new())).await.unwrap();
            assert_eq!(server.rest.get(&path).await["config"], before);
        })
        .await;
    });
}

#[test]
fn without_a_list_of_ours_nothing_can_be_let_out() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        let nothing =
            Outward { project: server.project.clone(), ..outward(&plan, &[], Vec::new()) };
        lxd.let_out(&nothing).await.unwrap();
        let something =
            Outward { allow: outward(&plan, &["192.0.2.1/32"], Vec::new()).allow, ..nothing };
        assert_error!(lxd.let_out(&something).await, Error::Refused(_));
        let foreign = json!({"name": plan.network, "egress": [], "ingress": []});
        server.rest.send(Method::POST, "/1.0/network-acls", foreign).await.unwrap();
        let refused = lxd.let_out(&something).await;
        let path = format!("/1.0/network-acls/{}", plan.network);
        assert_eq!(rules(&server, &plan).await, json!([]));
        server.rest.send(Method::DELETE, &path, json!({})).await.unwrap();
        assert!(refused.unwrap_err().to_string().contains("tryit setup"));
    });
}
