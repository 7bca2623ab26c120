//! Two sessions of one visitor that are linked: they reach each other on the listed ports, nobody else does, and it is
//! over when either ends.

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use std::sync::Arc;

use crate::{
    attempts::{
        TURN,
        ground::{Bridge, Ground},
        machine::{Machine, PORT},
        tutorials, visitor_of,
    },
    support::{Socket, TestApp, Visitor, lxd, until},
};

/// A port that is not let through.
const OTHER: u16 = PORT + 1;

/// One with a session, and root's hands in its container.
struct Party<'a> {
    visitor: Visitor<'a>,
    machine: Machine,
    _terminal: Socket,
}

impl Party<'_> {
    async fn new<'a>(app: &'a TestApp, ground: &Ground) -> Party<'a> {
        let (visitor, terminal) = visitor_of(app, "shell").await;
        let name = visitor.container().await;
        let machine = Machine::at(ground.lxd.clone(), &ground.project, &name).await;
        machine.listen().await;
        machine.run(&format!("httpd -p {OTHER} -h /root")).await;
        Party { visitor, machine, _terminal: terminal }
    }

    /// What a request to link it with another one is answered.
    async fn link(&self, id: &str, token: &str) -> (u16, Value) {
        let body = json!({"other": id, "other_token": token});
        let request = self.visitor.request(Method::POST, "/links").json(&body);
        let (status, body) = self.visitor.app.ask(request).await;
        (status.as_u16(), body)
    }

    /// By which families it reaches another one on a port.
    async fn reaches(&self, other: &Self, port: u16) -> [bool; 2] {
        let found =
            self.machine.reaches(&[(&other.machine.ipv4, port), (&other.machine.ipv6, port)]).await;
        [found[0], found[1]]
    }

    async fn leave(self) {
        self.visitor.end().await;
        self.machine.gone().await;
    }
}

async fn service(ground: &Ground, more: &str) -> TestApp {
    let directory = TempDir::new().expect("a directory");
    tutorials(directory.path());
    let config = format!(
        "{}[network]\nbridge = {:?}\n[source.shell]\nimage = \"tryit-shell\"\nimage_ids = [\"shell\"]\n\
         [session]\nper_address = 4\n{more}",
        ground.table(),
        ground.bridge,
    );
    TestApp::start_in(Arc::new(directory), &config).await
}

async fn rules(ground: &Ground) -> Value {
    let list = format!("/network-acls/{}", ground.bridge);
    lxd::ask(Method::GET, &list, None).await.expect("an access list")["egress"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_are_linked_reach_each_other_and_nobody_else_does() {
    let _turn = TURN.lock().await;
    Ground::with(Bridge::Shut, async |ground| {
        let app = service(ground, &format!("link = true\nlink_ports = [{PORT}]\n")).await;
        let (a, b) = (Party::new(&app, ground).await, Party::new(&app, ground).await);
        let c = Party::new(&app, ground).await;
        assert_eq!(a.visitor.view().await["may_link"], true);
        assert_eq!(a.reaches(&b, PORT).await, [false; 2], "not linked yet");

        let (status, body) = a.link(&b.visitor.id, &c.visitor.token).await;
        assert_eq!((status, &body["error"]["field"]), (400, &json!("other_token")), "{body}");
        let (status, body) = a.link(&a.visitor.id, &a.visitor.token).await;
        assert_eq!((status, &body["error"]["field"]), (400, &json!("other")), "{body}");
        assert_eq!(rules(ground).await, json!([]));

        for _ in 0..2 {
            let (status, view) = a.link(&b.visitor.id, &b.visitor.token).await;
            let link = json!([{
                "id": b.visitor.id, "name": b.visitor.container().await,
                "address": b.machine.ipv4, "ports": [PORT.to_string()],
            }]);
            assert_eq!((status, &view["links"]), (200, &link), "{view}");
        }
        assert_eq!(b.visitor.view().await["links"][0]["address"], a.machine.ipv4.as_str());
        assert_eq!(a.reaches(&b, PORT).await, [true; 2]);
        assert_eq!(b.reaches(&a, PORT).await, [true; 2]);
        for (from, to) in [(&c, &a), (&c, &b), (&a, &c), (&b, &c)] {
            assert_eq!(from.reaches(to, PORT).await, [false; 2]);
        }
        for (from, to) in [(&a, &b), (&b, &a)] {
            assert_eq!(from.reaches(to, OTHER).await, [false; 2], "another port");
        }
        forged(&c, &a, &b, ground).await;

        // A connection that is open goes with its other end, and with the link everything of it.
        let holds = format!(
            "exec 3<>/dev/tcp/{}/{PORT} && echo open && timeout 60 cat <&3; echo over $?",
            b.machine.ipv4
        );
        let (said, ()) = tokio::join!(a.machine.run(&holds), async {
            b.visitor.end().await;
            b.machine.gone().await;
        });
        assert!(said.starts_with("open") && said.contains("over"), "{said}");
        let view = until("the link is gone", || async {
            let view = a.visitor.view().await;
            view.get("links").is_none().then_some(view)
        });
        assert_eq!(view.await["state"], "running");
        assert_eq!(rules(ground).await, json!([]));
        let (status, body) = a.link(&b.visitor.id, &b.visitor.token).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("wrong_state")), "{body}");

        a.leave().await;
        c.leave().await;
        app.stop().await.1.expect("a service that stops");
    })
    .await;
}

/// One that takes an address, or even the interface of `a`, does not reach `b` by it.
async fn forged(c: &Party<'_>, a: &Party<'_>, b: &Party<'_>, ground: &Ground) {
    let (a4, a6, gateway) = (&a.machine.ipv4, &a.machine.ipv6, &ground.ipv4);
    let took = c
        .machine
        .run(&format!(
            "ip -6 addr add {a6}/128 dev eth0; ip addr flush dev eth0 scope global; \
             ip addr add {a4}/32 dev eth0; ip -6 addr add {a6}/128 dev eth0; \
             ip route add {gateway} dev eth0; ip route add default via {gateway}; ip route get {}",
            b.machine.ipv4
        ))
        .await;
    assert!(took.contains(&format!("src {a4}")), "{took}");
    assert_eq!(c.reaches(b, PORT).await, [false; 2], "with the address of another");
    let hardware = a.machine.run("cat /sys/class/net/eth0/address").await;
    let took = c
        .machine
        .run(&format!(
            "ip link set eth0 down; ip link set eth0 address {hardware}; ip link set eth0 up; \
             ip addr add {a4}/32 dev eth0; ip route add {gateway} dev eth0; \
             ip route add default via {gateway}; cat /sys/class/net/eth0/address"
        ))
        .await;
    assert_eq!(took, hardware);
    assert_eq!(c.reaches(b, PORT).await, [false; 2], "with its interface's, too");
    assert_eq!(a.reaches(b, PORT).await, [true; 2], "and it does not get in the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_outlives_a_restart_of_the_service_and_goes_with_its_configuration() {
    let _turn = TURN.lock().await;
    Ground::with(Bridge::Shut, async |ground| {
        let on = format!("link = true\nlink_ports = [{PORT}]\n");
        let app = service(ground, &on).await;
        let (a, b) = (Party::new(&app, ground).await, Party::new(&app, ground).await);
        assert_eq!(a.link(&b.visitor.id, &b.visitor.token).await.0, 200);
        let known = [&a, &b].map(|party| {
            json!({"id": party.visitor.id, "token": party.visitor.token})
        });
        let machines = [a.machine, b.machine];
        let (directory, stopped) = app.stop().await;
        stopped.expect("a service that stops");
        assert_eq!(rules(ground).await.as_array().map(Vec::len), Some(4), "nobody was unlinked");

        let config = |more: &str| {
            format!(
                "{}[network]\nbridge = {:?}\n[source.shell]\nimage = \"tryit-shell\"\nimage_ids = [\"shell\"]\n\
                 [session]\n{more}",
                ground.table(),
                ground.bridge
            )
        };
        let app = TestApp::start_in(directory, &config(&on)).await;
        let [a, b] = known.each_ref().map(|known| Visitor::new(&app, known));
        until("the link is told again", || async {
            (a.view().await["links"][0]["id"] == b.id.as_str()).then_some(())
        })
        .await;
        assert!(machines[0].reaches_one(&machines[1].ipv6, PORT).await);

        app.reload(&config("link = false\n")).await;
        until("nothing is linked", || async {
            (rules(ground).await == json!([])).then_some(())
        })
        .await;
        until("the visitor is told so", || async {
            a.view().await.get("links").is_none().then_some(())
        })
        .await;
        assert!(!machines[0].reaches_one(&machines[1].ipv6, PORT).await);
        for (visitor, machine) in [a, b].iter().zip(&machines) {
            visitor.end().await;
            machine.gone().await;
        }
        app.stop().await.1.expect("a service that stops");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_not_offered_nothing_is_linked() {
    let app = TestApp::start("").await;
    let (a, b) = (app.running_visitor().await, app.running_visitor().await);
    assert!(a.view().await.get("may_link").is_none());
    let body = json!({"other": b.id, "other_token": b.token});
    let (status, body) = app.ask(a.request(Method::POST, "/links").json(&body)).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (409, &json!("wrong_state")), "{body}");
    a.leave().await;
    b.leave().await;
}
