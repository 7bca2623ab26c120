//! Answers that are lost, and containers that are stuck.

use std::{path::Path, time::Duration};

use provider::{
    CreateSpec, Error, InstanceStatus, Limits, Provider, Source,
    lxd::{Address, Deadlines, Lxd, Settings},
};
use reqwest::Method;
use serde_json::json;

use crate::{
    assert_error,
    relay::Relay,
    support::{Server, nobody, sh, test, turn},
};

#[test]
fn a_create_whose_answer_is_lost_is_taken_up_again() {
    test(|server| async move {
        let instance = server.instance("a");
        let spec =
            CreateSpec { instance: instance.clone(), mark: server.mark, source: server.source() };
        let _turn = turn().await;
        // The cut comes at every moment of the create in turn, until one is late enough for the answer.
        for after in 0_u64.. {
            let relay = Relay::to(&server.socket);
            let address = Address::Unix(Some(relay.socket.clone()));
            let lxd = Lxd::new(&Settings { address, ..Settings::default() }).unwrap();
            let cut = async {
                tokio::time::sleep(Duration::from_millis(after * 40)).await;
                drop(relay);
            };
            let (made, ()) = tokio::join!(lxd.create(&spec, nobody()), cut);
            match made {
                Err(error) => assert!(error.is_outage(), "{error:?}"),
                Ok(()) => break,
            }
            server.lxd.create(&spec, nobody()).await.unwrap();
            server.lxd.start(&instance, nobody()).await.unwrap();
            assert_eq!(
                server.lxd.get(&instance).await.unwrap().unwrap().status,
                InstanceStatus::Running
            );
            server.lxd.delete(&instance, server.mark).await.unwrap();
        }
    });
}

#[test]
fn what_takes_too_long_is_given_up_and_said() {
    test(|server| async move {
        let instance = server.container("a").await;
        let address = Address::Unix(Some(server.socket.clone()));
        let deadlines = Deadlines { delete: Duration::from_millis(1), ..Deadlines::default() };
        let impatient = Lxd::new(&Settings { address, deadlines, ..Settings::default() }).unwrap();
        // The server counts in seconds, and a stop takes most of one.
        match impatient.delete(&instance, server.mark).await {
            Ok(()) | Err(Error::Deadline(_)) => {}
            other => panic!("{other:?}"),
        }
        server.lxd.delete(&instance, server.mark).await.unwrap();
        assert_eq!(server.lxd.get(&instance).await.unwrap(), None);
    });
}

/// Where the btrfs program is, if the pool is one of btrfs.
async fn btrfs(server: &Server) -> Option<&'static Path> {
    let root = server.rest.get("/1.0/profiles/default").await["devices"]["root"]["pool"].clone();
    let pool = server.rest.get(&format!("/1.0/storage-pools/{}", root.as_str().unwrap())).await;
    let program = Path::new("/usr/bin/btrfs");
    let is_here = pool["driver"] == "btrfs" && program.exists();
    if !is_here {
        eprintln!("skipped: the pool is not btrfs, or {} is not installed", program.display());
    }
    is_here.then_some(program)
}

#[test]
fn a_container_whose_full_disk_holds_a_subvolume_is_deleted_all_the_same() {
    test(|server| async move {
        let Some(program) = btrfs(&server).await else { return };
        let lxd = &server.lxd;
        // As in a source that needs these ioctls.
        let config = [("security.syscalls.deny".to_owned(), String::new())].into();
        let limits = Limits { disk: Some("60MiB".to_owned()), ..Limits::default() };
        let instance =
            server.create("a", Source { limits, config, ..server.source() }).await.unwrap();
        lxd.start(&instance, nobody()).await.unwrap();
        server.push_program(&instance, program).await;
        let fill = "btrfs subvolume create /root/sub && echo x >/root/sub/x; sync; \
                    dd if=/dev/zero of=/root/x bs=1M count=80; sync";
        let output = lxd.run(&instance, &sh(fill)).await.unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains("quota exceeded"), "{words}");
        assert!(lxd.run(&instance, &sh("test -e /root/sub/x")).await.unwrap().code == 0, "{words}");
        lxd.delete(&instance, server.mark).await.unwrap();
        assert_eq!(lxd.get(&instance).await.unwrap(), None);
    });
}

#[test]
fn root_in_a_container_makes_no_subvolumes() {
    test(|server| async move {
        let Some(program) = btrfs(&server).await else { return };
        let instance = server.container("a").await;
        server.push_program(&instance, program).await;
        let output =
            server.lxd.run(&instance, &sh("btrfs subvolume create /root/sub")).await.unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains("Operation not permitted"), "{words}");
    });
}

#[test]
fn a_frozen_container_is_deleted() {
    test(|server| async move {
        let instance = server.container("a").await;
        let at = format!("/1.0/instances/{}/state", instance.name);
        server.rest.done(Method::PUT, &at, json!({"action": "freeze"})).await.unwrap();
        assert_eq!(
            server.lxd.get(&instance).await.unwrap().unwrap().status,
            InstanceStatus::Running
        );
        server.lxd.delete(&instance, server.mark).await.unwrap();
    });
}

#[test]
fn a_server_that_hangs_up_is_an_outage() {
    test(|server| async move {
        let relay = Relay::to(&server.socket);
        let address = Address::Unix(Some(relay.socket.clone()));
        let lxd = Lxd::new(&Settings { address, ..Settings::default() }).unwrap();
        lxd.info().await.unwrap();
        drop(relay);
        assert_error!(lxd.list(server.projects()).await, Error::Unreachable(_));
        assert_error!(lxd.get(&server.instance("a")).await, Error::Unreachable(_));
    });
}
