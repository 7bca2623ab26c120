//! The loop with a resolver and a server of the tests' own.

use std::{collections::HashMap, io, net::IpAddr, sync::Mutex};

use async_trait::async_trait;
use provider::{Ports, Protocol};

use super::*;

/// Answers what it holds, and tells whoever waits what it was asked.
#[derive(Clone, Default)]
struct Zone(Arc<Mutex<HashMap<String, Vec<IpAddr>>>>, Arc<watch::Sender<String>>);

impl Zone {
    fn set(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
        self.0.lock().unwrap().insert(name.to_owned(), addresses);
    }

    fn fail(&self, name: &str) {
        self.0.lock().unwrap().remove(name);
    }
}

#[async_trait]
impl Names for Zone {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.1.send_replace(name.to_owned());
        self.0.lock().unwrap().get(name).cloned().ok_or_else(|| io::Error::other("no answer"))
    }
}

fn allowed(to: Destination) -> Allowed {
    Allowed { to, protocol: Protocol::Tcp, ports: vec![Ports { first: 443, last: 443 }] }
}

fn settings() -> Settings {
    Settings {
        project: "tryit".parse().unwrap(),
        bridge: "tryitbr0".to_owned(),
        allow: vec![
            allowed(Destination::Network("198.51.100.0/24".parse().unwrap())),
            allowed(Destination::Name("a.example".to_owned())),
        ],
        every: Duration::from_secs(300),
        link: Vec::new(),
    }
}

/// A loop, how its configuration is changed, and where its database is.
async fn job(zone: &Zone) -> (Job, watch::Sender<Settings>, tempfile::TempDir) {
    let (sender, receiver) = watch::channel(settings());
    let home = tempfile::tempdir().unwrap();
    let job = Job::new(Parts {
        provider: Arc::new(provider::preview::Preview::new().unwrap()),
        store: Store::open(&home.path().join("tryit.db")).await.unwrap(),
        names: Arc::new(zone.clone()),
        settings: receiver,
        links: crate::links::channel().0,
    });
    (job, sender, home)
}

fn reached(job: &Job) -> Vec<String> {
    let outward = job.outward(&job.parts.settings.borrow(), &job.linked);
    outward.allow.iter().flat_map(|allow| &allow.to).map(ToString::to_string).collect()
}

#[tokio::test]
async fn names_become_addresses_and_keep_them_while_nobody_answers() {
    let zone = Zone::default();
    zone.set("a.example", &["192.0.2.1"]);
    let (mut job, sender, _home) = job(&zone).await;
    assert_eq!(job.step().await, Duration::from_secs(300));
    assert_eq!(reached(&job), ["198.51.100.0/24", "192.0.2.1/32"]);
    zone.fail("a.example");
    job.step().await;
    assert_eq!(reached(&job), ["198.51.100.0/24", "192.0.2.1/32"]);
    assert_eq!(job.unknown.len(), 1);
    sender.send_modify(|settings| settings.allow.truncate(1));
    job.step().await;
    assert_eq!(reached(&job), ["198.51.100.0/24"]);
    assert!(job.outward(&job.parts.settings.borrow(), &job.linked).hosts.is_empty());
}

#[tokio::test]
async fn a_name_without_an_address_lets_nothing_out() {
    let zone = Zone::default();
    zone.set("a.example", &[]);
    let (mut job, _sender, _home) = job(&zone).await;
    job.step().await;
    assert_eq!(reached(&job), ["198.51.100.0/24"]);
}

#[tokio::test]
async fn a_changed_configuration_is_not_waited_for() {
    let zone = Zone::default();
    zone.set("b.example", &["192.0.2.7"]);
    let (job, sender, _home) = job(&zone).await;
    let stop = CancellationToken::new();
    let mut asked = zone.1.subscribe();
    let running = tokio::spawn(job.run(stop.clone()));
    asked.wait_for(|name| name == "a.example").await.unwrap();
    sender.send_modify(|settings| {
        settings.allow = vec![allowed(Destination::Name("b.example".to_owned()))];
    });
    asked.wait_for(|name| name == "b.example").await.unwrap();
    stop.cancel();
    running.await.unwrap();
}
