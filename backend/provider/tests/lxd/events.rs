//! What the server announces.

use std::time::Duration;

use domain::InstanceRef;
use provider::{InstanceAction, InstanceEvent, Provider};
use tokio::{sync::mpsc::Receiver, time::timeout};

use crate::{
    relay::Relay,
    support::{nobody, sh, test},
};
use provider::lxd::{Address, Lxd, Settings};

/// The next event of one container that matters.
async fn next(events: &mut Receiver<InstanceEvent>, instance: &InstanceRef) -> InstanceAction {
    let search = async {
        loop {
            let event = events.recv().await.expect("the stream goes on");
            if event.instance == *instance && event.action != InstanceAction::Other {
                return event.action;
            }
        }
    };
    timeout(Duration::from_secs(10), search).await.expect("an event")
}

#[test]
fn a_containers_life_is_announced() {
    test(|server| async move {
        let mut events = server.lxd.events(server.projects()).await.unwrap();
        let instance = server.create("a", server.source()).await.unwrap();
        server.lxd.start(&instance, nobody()).await.unwrap();
        assert_eq!(next(&mut events, &instance).await, InstanceAction::Started);
        // From inside: nobody asked the server for it.
        server.lxd.run(&instance, &sh("/bin/busybox reboot -f & sleep 1")).await.ok();
        // LXD announces the stop before, Incus does not.
        while next(&mut events, &instance).await != InstanceAction::Started {}
        server.lxd.run(&instance, &sh("/bin/busybox poweroff -f & sleep 1")).await.ok();
        assert_eq!(next(&mut events, &instance).await, InstanceAction::Stopped);
        server.lxd.delete(&instance, server.mark).await.unwrap();
        assert_eq!(next(&mut events, &instance).await, InstanceAction::Deleted);
    });
}

#[test]
fn a_lost_connection_ends_the_stream() {
    test(|server| async move {
        let relay = Relay::to(&server.socket);
        let address = Address::Unix(Some(relay.socket.clone()));
        let lxd = Lxd::new(&Settings { address, ..Settings::default() }).unwrap();
        let mut events = lxd.events(server.projects()).await.unwrap();
        drop(relay);
        let end = async { while events.recv().await.is_some() {} };
        timeout(Duration::from_secs(5), end).await.expect("the stream ends");
        assert!(lxd.events(server.projects()).await.is_err());
    });
}
